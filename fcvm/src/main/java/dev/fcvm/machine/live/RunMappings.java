package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.machine.session.Answers;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.MappedDisk;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappedGuest;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingDocument;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.set.AddedMapping;
import dev.fcvm.volume.set.LateMappings;
import dev.fcvm.volume.set.MachineMappings;
import dev.fcvm.volume.set.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The mappings of a run's machine. Closed after the monitor has ended: what the container changed comes back then, and
 * what they have on the host is released.
 */
public final class RunMappings implements AutoCloseable {

    /** By so many numbers an agent knows them. */
    private static final int MOST = 64;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final MachineMappings all;
    private final Audience audience;
    private final Told told;
    private final MappingPlace place;
    private final Standing standing;
    private volatile Optional<Guest> guest = Optional.empty();
    private boolean letGo;

    /** The agent of a machine that runs. */
    private record Guest(AgentSession agent, RunningVm vm) implements MappedGuest {

        @Override
        public LinkStream serve(int number) throws LinkException {
            return agent.share(number);
        }

        @Override
        public long monitor() {
            return vm.pid();
        }
    }

    private RunMappings(MachineMappings all, Standing standing, Audience audience, Told told, MappingPlace place) {
        this.all = all;
        this.standing = standing;
        this.audience = audience;
        this.told = told;
        this.place = place;
    }

    /** Makes ready what the machine needs of the host. */
    static RunMappings prepare(Standing standing, Launch launch, Audience audience)
            throws FcvmException, InterruptedException {
        MachineSpec spec = standing.spec();
        var told = new Told(audience::warn);
        MappingPlace place = place(spec, standing.owned(), launch.isolation(), launch.settings(), told);
        AddedMapping.write(place.directory(), List.of());
        MachineMappings all = launch.snapshot().isPresent()
                ? MachineMappings.restore(spec.wantedMappings(), place)
                : MachineMappings.prepare(spec.wantedMappings(), place);
        return new RunMappings(all, standing, audience, told, place);
    }

    /** Takes over those of a machine that runs, and that nobody supervises. */
    static RunMappings adopt(Standing standing, Isolation isolation, Settings settings, Audience audience)
            throws FcvmException, InterruptedException {
        MachineSpec spec = standing.spec();
        var told = new Told(audience::warn);
        MappingPlace place = place(spec, standing.owned(), isolation, settings, told);
        var mappings =
                new RunMappings(MachineMappings.adopt(spec.wantedMappings(), place), standing, audience, told, place);
        for (AddedMapping added : AddedMapping.read(place.directory())) {
            if (added.mapping().mapping() instanceof Mapping.HostDirectory directory) {
                mappings.all.add(added.number(), directory, LateMappings.adopt(directory, added.number(), place));
            }
        }
        return mappings;
    }

    static MappingPlace place(
            MachineSpec spec, OwnedMachine machine, Isolation isolation, Settings settings, Told told) {
        return new MappingPlace(
                machine.files().id(),
                spec.name(),
                machine.files().directory(),
                machine.files().sockets(),
                isolation == Isolation.ROOTLESS,
                spec.keep(),
                settings,
                machine.journal(),
                told::tell);
    }

    MachineMappings all() {
        return all;
    }

    /** Returns what is saved with the machine. */
    Map<String, MappedDisk> saved() {
        Map<String, MappedDisk> saved = new TreeMap<>();
        all.saved().forEach((name, one) -> saved.put(name, new MappedDisk(one.file(), one.shared())));
        return saved;
    }

    /** Refuses to save a machine with what it was given while it ran: a machine that is made of it could not be. */
    void refuseAdded() throws FcvmException {
        for (AddedMapping added : AddedMapping.read(place.directory())) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE,
                    "machine " + place.name() + " cannot be saved with what fcvm map has added at "
                            + added.mapping().target() + ": fcvm unmap it first, and map it into each clone");
        }
    }

    /**
     * Returns all that takes more of the host's disk the more the machine writes, at the time it is asked.
     *
     * @param scratch the machine's own disk, which does
     */
    Supplier<List<Path>> growing(Path scratch) {
        return () -> Stream.concat(Stream.of(scratch), all.growing().stream()).toList();
    }

    /** The agent is there, and waits with the container until it can mount. */
    void connect(AgentSession agent, RunningVm vm) throws FcvmException, InterruptedException {
        var there = new Guest(agent, vm);
        all.connect(there);
        guest = Optional.of(there);
    }

    /** Returns whether the machine was given one while it ran: it cannot be saved with that. */
    public boolean hasAdded() throws FcvmException {
        return !AddedMapping.read(place.directory()).isEmpty();
    }

    /**
     * Gives a machine that runs one more.
     *
     * @throws FcvmException when it cannot be
     */
    public synchronized void add(Mapping.HostDirectory wanted) throws FcvmException, InterruptedException {
        Guest there = running();
        LateMappings.check(wanted, place.rootless(), place.settings());
        if (all.wanted().stream().anyMatch(mapping -> mapping.target().equals(wanted.target()))) {
            throw new FcvmException(
                    FcvmException.Kind.IN_USE, wanted.target() + ": there is a mapping already: fcvm unmap it first");
        }
        int number = all.next();
        if (number >= MOST) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "the machine has had " + MOST + " mappings since it was started, which is the most; restart it");
        }
        AttachedMapping attached = LateMappings.attach(wanted, number, place);
        try (Pending unmapped = new Pending(() -> {
            AddedMapping.write(place.directory(), added(number));
            try (attached) {
                Uninterrupted.run(attached::takeBack);
            }
        })) {
            List<AddedMapping> added = added(number);
            added.add(new AddedMapping(number, MappingDocument.of(wanted)));
            AddedMapping.write(place.directory(), added);
            attached.connect(there);
            done(
                    wanted.target(),
                    there.agent()
                            .mount(
                                    place.machine().value(),
                                    number,
                                    wanted.target(),
                                    attached.servedDisk(),
                                    attached.inside(),
                                    wanted.readOnly()));
            all.add(number, wanted, attached);
            unmapped.handOver();
        }
    }

    /**
     * Takes one away that was added while the machine ran.
     *
     * @param target the path in the container
     * @return what the user is to be told, a line each
     * @throws FcvmException when there is none, or not all of a copy came back
     */
    public synchronized List<String> remove(String target) throws FcvmException, InterruptedException {
        Guest there = running();
        for (AddedMapping added : AddedMapping.read(place.directory())) {
            if (added.mapping().target().equals(target)) {
                return told.during(() -> {
                    done(target, there.agent().unmount(place.machine().value(), added.number(), target));
                    AddedMapping.write(place.directory(), added(added.number()));
                    all.remove(added.number());
                });
            }
        }
        throw new FcvmException(
                FcvmException.Kind.NOT_FOUND,
                "nothing was mapped to " + target
                        + " by fcvm map; what a machine was started with stays until it ends");
    }

    /**
     * The machine stands still: what its container has changed in copies until now comes back.
     *
     * @return what the user is to be told, a line each
     */
    synchronized List<String> sync() throws FcvmException, InterruptedException {
        return told.during(all::sync);
    }

    private Guest running() throws FcvmException {
        return guest.orElseThrow(() -> new FcvmException(
                FcvmException.Kind.IN_USE, "machine " + place.name() + " does not run yet, or no more"));
    }

    /** All that were added, but this one. */
    private List<AddedMapping> added(int but) throws FcvmException {
        return new ArrayList<>(AddedMapping.read(place.directory()).stream()
                .filter(one -> one.number() != but)
                .toList());
    }

    private static void done(String target, CompletableFuture<String> answer)
            throws FcvmException, InterruptedException {
        String problem = Answers.await(answer, PATIENCE, "answer for the mapping at " + target);
        if (!problem.isEmpty()) {
            throw new FcvmException(FcvmException.Kind.GUEST, "the mapping at " + target + ": " + problem);
        }
    }

    /** Refuses what needs a network for a machine that has none. */
    public static void check(List<Mapping> wanted, NetworkRequest network) throws FcvmException {
        for (Mapping mapping : wanted) {
            if (!network.enabled()
                    && mapping instanceof Mapping.HostDirectory directory
                    && directory.mode() == MapMode.NFS) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "cannot map %s to %s by NFS: the machine has no network; use mode=sshfs, which needs none"
                                .formatted(directory.source(), directory.target()));
            }
        }
    }

    /** The machine goes on, or it ends now: what it has on the host stays with it. */
    RunEnd parted(RunEnd end) {
        letGo = end instanceof RunEnd.LetGo;
        return end;
    }

    @Override
    public void close() throws FcvmException {
        if (letGo) {
            all.letGo();
        } else if (standing.isAsleep()) {
            all.suspend();
        } else {
            takeBack();
        }
        all.close();
    }

    /** How the container ended is told all the same. */
    private void takeBack() {
        boolean interrupted = Thread.interrupted();
        try {
            all.takeBack();
        } catch (FcvmException failure) {
            audience.error(String.valueOf(failure.getMessage()));
            for (Throwable besides : failure.getSuppressed()) {
                audience.error(String.valueOf(besides.getMessage()));
            }
        } catch (InterruptedException again) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
