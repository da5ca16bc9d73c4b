package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.CpuModel;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.link.LinkException;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.machine.disk.MachineRootfs;
import dev.fcvm.machine.disk.ScratchDisk;
import dev.fcvm.machine.session.Answers;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.Exchange;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.Sweep;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmBases;
import dev.fcvm.machine.warm.WarmKey;
import dev.fcvm.machine.warm.WarmSlots;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Directories;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.snapshot.SnapshotManifest;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Makes a warm base: boots a machine without a container, has Podman made ready in it, and saves it. The machine is one
 * like any other, with a lock and a journal, so nothing of it stays whoever is killed meanwhile; but it is none of the
 * user's, and lies apart from those. All makers of a user together make one at a time.
 */
public final class WarmMaker {

    /** The kernel's argument that has the guest leave the image's disk alone until the agent is told of it. */
    private static final String STORE_LATER = "fcvm.store=later";

    /** The kernel's argument that has the agent make the kernel look at a disk that was put in, of which it hears nothing. */
    private static final String DISKS_UNANNOUNCED = "fcvm.disks=unannounced";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How long a guest may take to boot that gives way to all others. */
    private static final Duration BOOT_BEHIND = Duration.ofMinutes(5);

    /** Whatever was in the way may be gone then: a host that was busy. */
    private static final Duration PUT_OFF = Duration.ofMinutes(10);

    private static final long MIB = 1 << 20;
    private static final long MOST_USED_MIB = 512;

    /** The guest's kernel has 64 bytes for each page of 4 KiB. */
    private static final long OF_MEMORY_FOR_PAGES = 64;

    /** What a host that is short of memory is left with. */
    private static final long LEFT_MIB = 512;

    private static final String LOCK = "lock";

    /** Makes Podman's state on the disk, and has the kernel hold in memory what a run reads first. */
    private static final List<List<String>> TRAINING = List.of(
            List.of("podman", "ps", "-a"),
            List.of("podman", "images"),
            List.of("crun", "--version"),
            List.of("conmon", "--version"));

    private final MachineStore machines;
    private final Clock clock;
    private final RunListener listener;
    private final boolean behind;

    private WarmMaker(MachineStore machines, Clock clock, RunListener listener, boolean behind) {
        this.machines = machines;
        this.clock = clock;
        this.listener = listener;
        this.behind = behind;
    }

    /** One for which nobody waits, and which tells nobody but the log. */
    public static WarmMaker inBackground(World world, Settings settings) throws FcvmException {
        return new WarmMaker(
                MachineStore.open(settings.directories().behind()), world.clock(), new Fallback(world.log()), true);
    }

    /** Clears away what killed makers have left. */
    public static void sweep(Directories directories, Clock clock, Consumer<FcvmException> failures)
            throws FcvmException, InterruptedException {
        Directories own = directories.behind();
        if (Files.isDirectory(own.machines())) {
            new Sweep(MachineStore.open(own), clock).run(failures);
        }
    }

    /** Returns what a machine's warm base depends on. */
    public static WarmKey key(Settings settings, Base base, Vmm vmm, Resources resources, DataSize diskSize)
            throws FcvmException {
        return WarmKey.of(settings, base.kernel(), base.identity(), vmm, resources, diskSize);
    }

    /**
     * Removes the warm bases that no machine can start from here any more.
     *
     * @param all every one
     * @return the names of those removed
     */
    public static List<String> prune(Settings settings, VmmSource monitors, Clock clock, boolean all)
            throws FcvmException, InterruptedException {
        Set<String> hosts = new HashSet<>();
        for (VmmKind kind : VmmKind.values()) {
            host(settings, monitors, kind).ifPresent(hosts::add);
        }
        return new WarmBases(settings, clock)
                .prune(base -> all || hosts.stream().noneMatch(host -> isOf(base, host)));
    }

    /** Returns the host's part of the keys of those that a machine could start from; nothing when none could. */
    private static Optional<String> host(Settings settings, VmmSource monitors, VmmKind kind)
            throws InterruptedException {
        try {
            Vmm vmm = monitors.choose(settings.booting(kind, settings.kernel())).vmm();
            return Optional.of(WarmKey.host(Base.find(settings).identity(), vmm));
        } catch (FcvmException none) {
            return Optional.empty();
        }
    }

    private static boolean isOf(Snapshot base, String host) {
        try {
            return base.spec().startsWith(host);
        } catch (IOException unreadable) {
            return false;
        }
    }

    /**
     * Makes the one for machines for which nothing is asked for, unless it is there; or where machines do not start from
     * any.
     */
    public static void makeUsual(Settings settings, VmmSource monitors, Clock clock, RunListener listener)
            throws FcvmException, InterruptedException {
        Isolation isolation = Isolations.choose(settings.mode());
        Vmm vmm = monitors.choose(settings).vmm();
        if (!settings.warmBase() || !vmm.capabilities().otherDisks()) {
            return;
        }
        vmm.check(isolation);
        Base base = Base.find(settings);
        Resources resources = Resources.of(
                Optional.empty(),
                Optional.empty(),
                HostCapacity.ask(vmm.capabilities().hardware()));
        MachineStore machines = MachineStore.open(settings.directories().behind());
        DataSize diskSize = DiskPlan.choose(
                settings.diskSize(),
                settings.diskFloor(),
                settings.directories().machines());
        var wanted = new WarmStart(key(settings, base, vmm, resources, diskSize), Optional.empty(), diskSize);
        var launch = new Launch(
                settings,
                base,
                vmm,
                isolation,
                resources,
                NetworkRequest.without(GuestNames.HOSTS),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                List.of(),
                Optional.of(wanted));
        new WarmMaker(machines, clock, listener, false).make(launch, wanted);
    }

    /**
     * Makes the one that the start of this machine would have used.
     *
     * @return whether it has; not when it is there, another is being made, or it failed a while ago
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    public boolean make(Launch launch, WarmStart wanted) throws FcvmException, InterruptedException {
        var bases = new WarmBases(launch.settings(), clock);
        try (LockFile alone = LockFile.tryExclusive(
                        machines.directories().data().resolve(LOCK))
                .orElse(null)) {
            if (alone == null || bases.store().has(wanted.key().name()) || bases.isPutOff(wanted.key())) {
                return false;
            }
            bases.trim(wanted.key());
            sweep(launch.settings().directories(), clock, left -> listener.warn(String.valueOf(left.getMessage())));
            refuseWithoutRoom(launch, wanted);
            make(launch, wanted, bases);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot lock " + machines.directories().data() + ": " + IoReason.of(failure), failure);
        }
        bases.trim(wanted.key());
        return true;
    }

    private void make(Launch launch, WarmStart wanted, WarmBases bases) throws FcvmException, InterruptedException {
        try (SnapshotDraft draft = bases.store().begin();
                OwnedMachine machine = machines.create(Optional.empty())) {
            String monitor = save(launch, wanted, machine, draft);
            draft.publish(draft.complete(
                    machine.files().exchange(), wanted.key().text(), manifest(draft.id(), launch, wanted, monitor)));
        } catch (FcvmException failure) {
            bases.putOff(wanted.key(), PUT_OFF);
            throw failure;
        }
    }

    private String save(Launch launch, WarmStart wanted, OwnedMachine machine, SnapshotDraft draft)
            throws FcvmException, InterruptedException {
        MachineFiles files = machine.files();
        var preparing = new MachineState.Preparing(clock.instant());
        machine.write(preparing);
        // With a journal, as a machine that is kept needs; it does no harm to the others.
        ScratchDisk.make(files.scratch(), wanted.diskSize(), files.id(), true);
        Base base = launch.base();
        Path rootfs = MachineRootfs.link(base.rootfs(), files.rootfs());
        machine.write(preparing.booting(clock.instant()));
        try (BootingMachine booted = BootingMachine.start(
                        behind ? launch.settings().bootingWithin(BOOT_BEHIND) : launch.settings(),
                        launch.vmm(),
                        spec(launch, new Base(base.kernel(), base.initramfs(), rootfs, base.info()), files),
                        machine.journal(),
                        listener);
                Conversation talk =
                        booted.awaitReady(files.id().value(), new LinkedBlockingQueue<>(), new Audience(listener))) {
            for (List<String> command : TRAINING) {
                train(talk.agent(), command);
            }
            String problem = Answers.await(talk.agent().hold(files.id().value()), PATIENCE, "stand still");
            if (!problem.isEmpty()) {
                throw new FcvmException(Kind.GUEST, "its agent cannot stand still: " + problem);
            }
            booted.vm().pause();
            booted.vm().save();
            draft.takeDisks(files.scratch(), rootfs, Map.of());
            return booted.vm().monitor();
        }
    }

    private VmSpec spec(Launch launch, Base base, MachineFiles files) throws FcvmException {
        List<String> arguments = new ArrayList<>(launch.settings().kernelArguments());
        arguments.add(STORE_LATER);
        if (!launch.vmm().capabilities().announcesDisks()) {
            arguments.add(DISKS_UNANNOUNCED);
        }
        Path placeholder = WarmSlots.placeholder(files);
        List<VmSpec.Drive> drives = new ArrayList<>(List.of(new VmSpec.Drive(placeholder, true)));
        drives.addAll(WarmSlots.filled(List.of(), placeholder));
        VmSpec spec = BootingMachine.spec(
                        base,
                        files,
                        launch.settings().init().word(),
                        arguments,
                        launch.resources(),
                        drives,
                        "",
                        launch.isolation())
                .exchanging(Exchange.prepare(files))
                .withSpareCard()
                .tracking();
        return behind ? spec.givingWay() : spec;
    }

    private static void train(AgentSession agent, List<String> command) throws FcvmException, InterruptedException {
        try {
            int code = agent.exec(new ExecRequest(
                            "", "", List.of(), command, List.of(), Optional.empty(), false, false, false))
                    .exit()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (code != 0) {
                throw new FcvmException(Kind.GUEST, "in its guest " + command + " ended with " + code);
            }
        } catch (LinkException | ExecutionException | TimeoutException failure) {
            throw new FcvmException(
                    Kind.GUEST, "in its guest " + command + " could not be run: " + failure.getMessage(), failure);
        }
    }

    /** For a moment there is twice on the disk, and once in memory, what a guest without a container uses. */
    private void refuseWithoutRoom(Launch launch, WarmStart wanted) throws FcvmException {
        Path data = launch.settings().directories().machines();
        long memory = launch.resources().memoryMib();
        long used = Math.min(MOST_USED_MIB + memory / OF_MEMORY_FOR_PAGES, memory);
        if (wanted.isOfWhatIsLeft(launch.settings())) {
            throw new FcvmException(
                    Kind.HOST, "so little is free in " + data + " that each machine has a disk of another size");
        }
        if (behind && HostCapacity.availableMib() < used + LEFT_MIB) {
            throw new FcvmException(
                    Kind.HOST,
                    "the host has %d MiB of memory available, and %d are needed"
                            .formatted(HostCapacity.availableMib(), used + LEFT_MIB));
        }
        try {
            long needed = 2 * used * MIB + launch.settings().diskFloor().bytes();
            if (DiskUse.free(data) < needed) {
                throw new FcvmException(
                        Kind.HOST, "there is no room for it in " + data + ": " + needed / MIB + " MiB are needed");
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot look at the disk of " + data + ": " + IoReason.of(failure), failure);
        }
    }

    private SnapshotManifest manifest(String id, Launch launch, WarmStart wanted, String monitor) throws FcvmException {
        try {
            return new SnapshotManifest(
                    SnapshotManifest.VERSION,
                    id,
                    wanted.key().name(),
                    clock.instant().toString(),
                    "",
                    "",
                    "",
                    "",
                    launch.vmm().name(),
                    monitor,
                    launch.vmm().capabilities().hardware(),
                    CpuModel.ofHost().text(),
                    launch.base().info().kernelRelease(),
                    launch.base().info().agent() + " " + launch.base().info().created(),
                    "",
                    launch.resources().vcpus(),
                    launch.resources().memoryMib(),
                    true,
                    List.of());
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot ask which processor this host has: " + IoReason.of(unreadable), unreadable);
        }
    }
}
