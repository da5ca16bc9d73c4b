package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.net.named.NamedNetworks;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Clears away what supervisors that were killed have left: their processes, sockets and disks. A machine without an
 * owner is known by its lock, which the kernel frees. When nothing is left it costs a directory listing.
 */
public final class Sweep {

    private final MachineStore store;
    private final Clock clock;
    private final Predicate<MachineId> held;

    /** Makes one for a store. */
    public Sweep(MachineStore store, Clock clock) {
        this(store, clock, _ -> false);
    }

    /**
     * The same, in a process that supervises machines.
     *
     * @param held whether one is supervised by this process, and so need not be looked for
     */
    public Sweep(MachineStore store, Clock clock, Predicate<MachineId> held) {
        this.store = store;
        this.clock = clock;
        this.held = held;
    }

    /**
     * What was found.
     *
     * @param name the machine's name
     * @param id the short form of its id
     * @param removed whether it is gone now; else it is kept as a stopped machine, as it was to be
     */
    public record Leftover(String name, String id, boolean removed) {}

    /** Returns the machines whose owner is gone although they have not ended; changes nothing. */
    public List<StoredMachine> find() throws FcvmException, InterruptedException {
        var orphans = new ArrayList<StoredMachine>();
        for (StoredMachine machine : store.all()) {
            if (machine.state() instanceof MachineState.Live && !isOwned(machine)) {
                orphans.add(machine);
            }
        }
        return orphans;
    }

    /**
     * Clears away. A machine that cannot be cleared away keeps no other from it, and is tried again by the next sweep.
     *
     * @param failures is told why one cannot
     */
    public List<Leftover> run(Consumer<FcvmException> failures) throws FcvmException, InterruptedException {
        var swept = new ArrayList<Leftover>();
        List<StoredMachine> all = store.all();
        long gone = 0;
        for (StoredMachine machine : all) {
            if (machine.state() instanceof MachineState.Live
                    && !held.test(machine.files().id())
                    && !Adoption.isPossible(machine)) {
                try {
                    boolean pooled = machine.isPooled();
                    Optional<Leftover> left = clear(machine);
                    gone += left.filter(Leftover::removed).stream().count();
                    // Nobody has seen one that waited in a pool.
                    left.filter(_ -> !pooled).ifPresent(swept::add);
                } catch (FcvmException e) {
                    failures.accept(e);
                }
            } else if (machine.state() instanceof MachineState.Resting
                    && Journal.isPending(machine.files().journal())) {
                try {
                    if (isOwing(machine)) {
                        settle(machine);
                    }
                } catch (FcvmException e) {
                    failures.accept(e);
                }
            }
        }
        store.sweepNames(all.size() - Math.toIntExact(gone));
        new NamedNetworks(store.directories()).sweep();
        return swept;
    }

    /** Returns whether the machine has something on the host that is written down to be taken back. */
    static boolean isOwing(OwnedMachine machine) {
        return !machine.journal().isEmpty();
    }

    /** The same of one that rests. One that is suspended keeps what its guest goes on with. */
    private boolean isOwing(StoredMachine machine) throws FcvmException {
        return !(machine.state() instanceof MachineState.Suspended)
                || Journal.open(machine.files().journal(), OwnedMachine.kinds(store))
                        .isOwingAsleep();
    }

    /** Returns whether somebody supervises the machine. */
    public boolean isOwned(StoredMachine machine) throws FcvmException, InterruptedException {
        return machine.state() instanceof MachineState.Live && store.isSupervised(machine);
    }

    /** Ends what runs of a machine without an owner, and takes back what it has on the host. */
    public static void takeBack(OwnedMachine machine) throws FcvmException, InterruptedException {
        new MachineProcesses(machine.files().id()).killAll();
        machine.journal().releaseAll();
    }

    /** The same of a machine whose memory is saved, and that goes on from there: what its guest goes on with stays. */
    private static void putToSleep(OwnedMachine machine) throws FcvmException, InterruptedException {
        new MachineProcesses(machine.files().id()).killAll();
        machine.journal().releaseForSleep();
    }

    /** Takes back what a machine still has that has ended and stays, and whose supervisor was killed before it had. */
    private void settle(StoredMachine machine) throws FcvmException, InterruptedException {
        Optional<OwnedMachine> adopted = store.adopt(machine);
        if (adopted.isPresent()) {
            try (OwnedMachine owned = adopted.get()) {
                owned.keep();
                switch (StoredMachine.read(machine.files()).state()) {
                    case MachineState.Suspended suspended -> putToSleep(owned);
                    case MachineState.Resting resting -> takeBack(owned);
                    case MachineState.Live live -> {
                        // Somebody has started it meanwhile, and was killed: the next sweep sees to it.
                    }
                }
            }
        }
    }

    private Optional<Leftover> clear(StoredMachine machine) throws FcvmException, InterruptedException {
        Optional<OwnedMachine> adopted = store.adopt(machine);
        if (adopted.isEmpty()) {
            return Optional.empty();
        }
        try (OwnedMachine owned = adopted.get()) {
            // Its owner may have ended it properly between our reading and our locking.
            StoredMachine now = StoredMachine.read(machine.files());
            if (!(now.state() instanceof MachineState.Live live)) {
                owned.keep();
                return Optional.empty();
            }
            if (!(live instanceof MachineState.Removing) && new Suspension(machine.files()).exists()) {
                putToSleep(owned);
                // Its memory gets its name when it is whole, and loses it before it is used.
                owned.write(live.suspended("", clock.instant()));
                owned.keep();
                return Optional.empty();
            }
            takeBack(owned);
            boolean keep = now.spec().map(MachineSpec::keep).orElse(false) && !(live instanceof MachineState.Removing);
            if (keep) {
                owned.write(live.failed("the fcvm process that supervised it was killed", clock.instant()));
                owned.keep();
            }
            return Optional.of(
                    new Leftover(now.name().value(), machine.files().id().brief(), !keep));
        }
    }
}
