package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.CpuModel;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.session.GuestSync;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.Exchange;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.Suspension;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.MappedDisk;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.snapshot.SnapshotManifest;
import dev.fcvm.vmm.VmSnapshot;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Saves a machine that runs, and lets it go on. */
public final class Saving {

    /** Why it stands still meanwhile, as {@code fcvm ps} shows it. */
    static final String REASON = "being saved";

    /** How long a monitor may take to write a machine's memory. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    private static final long MIB = 1 << 20;

    private final LiveMachine machine;
    private final Settings settings;
    private final Instant now;

    /** Makes one of a machine that runs. */
    public Saving(LiveMachine machine, Settings settings, Instant now) {
        this.machine = machine;
        this.settings = settings;
        this.now = now;
    }

    /**
     * Saves it into a draft. It stands still as long as its memory and what is on its disk are written; what is checked and
     * copied after that, it does not wait for.
     *
     * @param name what the snapshot is to be called
     */
    public Snapshot into(SnapshotDraft draft, String name) throws FcvmException, InterruptedException {
        MachineSpec spec = machine.spec();
        MachineFiles files = machine.files();
        RunMappings mappings = machine.mappings();
        mappings.refuseAdded();
        Base base = check(spec, files, mappings);
        Path rootfs = Files.exists(files.rootfs()) ? files.rootfs() : base.rootfs();
        Exchange.empty(files);
        try {
            var monitor = new StringBuilder();
            machine.standingStill(REASON, _ -> {}, vm -> {
                monitor.append(vm.monitor());
                vm.save();
                draft.takeDisks(files.scratch(), rootfs, mappings.saved());
            });
            refuseLinks(files);
            String json = Jsonb.instance().type(MachineSpec.class).toJson(spec);
            Snapshot saved = draft.complete(
                    files.exchange(), json, manifest(draft.id(), name, spec, base, monitor.toString(), json));
            machine.happened(Action.CHECKPOINT, Map.of("snapshot", name));
            return saved;
        } finally {
            Exchange.empty(files);
        }
    }

    /** Refuses a machine that cannot be saved; returns what it boots from. */
    private Base check(MachineSpec spec, MachineFiles files, RunMappings mappings) throws FcvmException {
        if (!Files.isDirectory(files.exchange())) {
            throw new FcvmException(
                    Kind.VMM,
                    "machine " + spec.name() + " cannot be saved: it was started by a former fcvm; stop it and start it"
                            + " again first");
        }
        refuseWithoutRoom(spec, files, mappings);
        return Base.find(settings);
    }

    /**
     * Saves it for itself alone, after which it ends: its memory is in its directory, and nothing of it runs.
     *
     * @param doors lets its callers wait meanwhile
     */
    public void suspend(Doorkeeper doors) throws FcvmException, InterruptedException {
        MachineSpec spec = machine.spec();
        MachineFiles files = machine.files();
        if (machine.audience().isPresent()) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "machine " + spec.name() + " cannot be suspended: somebody is attached to it; leave it first");
        }
        RunMappings mappings = machine.mappings();
        mappings.refuseAdded();
        Base base = check(spec, files, mappings);
        Path rootfs = Files.exists(files.rootfs()) ? files.rootfs() : base.rootfs();
        Exchange.empty(files);
        var suspension = new Suspension(files);
        suspension.forget();
        // Removed while it sleeps, it gives back what its programs have written.
        boolean written = mappings.growing(files.scratch()).get().size() > 1;
        machine.suspend(REASON, doors, written ? GuestSync::run : _ -> {}, vm -> {
            try (SnapshotDraft draft = suspension.store().begin()) {
                vm.save();
                draft.shareDisks(files.scratch(), rootfs);
                refuseLinks(files);
                String json = Jsonb.instance().type(MachineSpec.class).toJson(spec);
                Snapshot saved = draft.complete(
                        files.exchange(), json, manifest(draft.id(), Suspension.NAME, spec, base, vm.monitor(), json));
                machine.keepMemory(() -> draft.publish(saved));
            } finally {
                Exchange.empty(files);
            }
        });
    }

    /** What a monitor leaves is its own word: a link in there could lead anywhere. */
    private static void refuseLinks(MachineFiles files) throws FcvmException {
        for (String name : List.of(VmSnapshot.STATE, VmSnapshot.MEMORY)) {
            if (!Files.isRegularFile(files.exchange().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                throw new FcvmException(Kind.VMM, "the machine's monitor did not save it: it left no file " + name);
            }
        }
    }

    /** Twice the memory for a moment: what the monitor writes, and the snapshot's own. */
    private void refuseWithoutRoom(MachineSpec spec, MachineFiles files, RunMappings mappings) throws FcvmException {
        try {
            long mapped = 0;
            for (MappedDisk one : mappings.saved().values()) {
                mapped += one.shared() ? 0 : DiskUse.allocated(one.file());
            }
            long needed = 2 * spec.memoryMib() * MIB
                    + DiskUse.allocated(files.scratch())
                    + mapped
                    + settings.diskFloor().bytes();
            long free = DiskUse.free(files.directory());
            if (free < needed) {
                throw new FcvmException(
                        Kind.HOST,
                        "there is no room to save machine " + spec.name() + ": " + free / MIB + " MiB are free in "
                                + settings.directories().data() + ", and " + needed / MIB
                                + " are needed; make room, with fcvm snapshot prune or fcvm image prune");
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot look at the disk of " + files.directory() + ": " + IoReason.of(failure),
                    failure);
        }
    }

    private SnapshotManifest manifest(String id, String name, MachineSpec spec, Base base, String monitor, String json)
            throws FcvmException {
        try {
            return new SnapshotManifest(
                    SnapshotManifest.VERSION,
                    id,
                    name,
                    now.toString(),
                    spec.id(),
                    spec.name(),
                    spec.image(),
                    spec.imageDigest(),
                    spec.vmm(),
                    monitor,
                    spec.kvm(),
                    CpuModel.ofHost().text(),
                    base.info().kernelRelease(),
                    base.info().agent() + " " + base.info().created(),
                    digest(json),
                    spec.vcpus(),
                    spec.memoryMib(),
                    Files.exists(machine.files().placeholder()),
                    List.of());
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot ask which processor this host has: " + IoReason.of(failure), failure);
        }
    }

    private static String digest(String text) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(
                                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError("every Java has SHA-256", never);
        }
    }
}
