package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.machine.event.Action;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.volume.named.VolumeStore;
import dev.fcvm.volume.set.MachineMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Removes machines that are not in the hands of this process. */
public final class Removal {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final World world;
    private final MachineStore store;

    /** Makes one for the machines of this world. */
    public Removal(World world) {
        this.world = world;
        this.store = world.store();
    }

    /**
     * Removes a machine that has ended, or, by force, one that runs. By force, what it changed in its copies of directories
     * and what cannot come back becomes volumes.
     *
     * @return what the user is to be told, a line each
     * @throws FcvmException when it runs and no force is used, or does not end
     */
    public List<String> remove(StoredMachine machine, boolean force) throws FcvmException, InterruptedException {
        List<String> told = new ArrayList<>();
        Optional<OwnedMachine> owned = store.adopt(machine);
        if (owned.isEmpty() && !force) {
            throw running(machine.name().value());
        }
        if (owned.isEmpty()) {
            owned = takeByForce(machine);
        }
        if (owned.isPresent()) {
            try (OwnedMachine mine = owned.get()) {
                told.addAll(takeBack(mine, force));
                machine.spec().ifPresent(spec -> world.happened(Action.REMOVE, mine, spec));
            }
            new NamedNetworks(store.directories()).sweep();
        }
        return told;
    }

    private List<String> takeBack(OwnedMachine mine, boolean force) throws FcvmException, InterruptedException {
        try {
            Sweep.takeBack(mine);
            return List.of();
        } catch (FcvmException stays) {
            if (!force) {
                throw stays;
            }
            var volumes = new VolumeStore(store.directories().volumes(), world.clock());
            List<String> told = MachineMappings.giveUp(mine.files().id(), mine.journal(), volumes);
            // Anything else that stays is the host's, and is tried once more.
            Sweep.takeBack(mine);
            return told;
        }
    }

    /** Returns why one that runs is not removed without force. */
    public static FcvmException running(String name) {
        return new FcvmException(
                FcvmException.Kind.IN_USE,
                "machine " + name + " is running; end it first, or remove it by force: fcvm rm -f " + name);
    }

    /** Ends the machine under its supervisor, which then clears it away; nothing when that has happened. */
    private Optional<OwnedMachine> takeByForce(StoredMachine machine) throws FcvmException, InterruptedException {
        mark(machine);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            new MachineProcesses(machine.files().id()).killAll();
            if (!Files.isDirectory(machine.files().directory())) {
                return Optional.empty();
            }
            Optional<OwnedMachine> owned = store.adopt(machine);
            if (owned.isPresent()) {
                return owned;
            }
            // The supervisor clears up as soon as its machine is gone; nothing tells us of it but its lock.
            Thread.sleep(PAUSE);
        }
        unmark(machine);
        throw new FcvmException(
                FcvmException.Kind.IN_USE,
                "machine " + machine.name() + " does not end: the fcvm process that supervises it holds "
                        + machine.files().lock() + "; end that process");
    }

    /** Whoever supervises it is to know that its end is no failure. */
    private static void mark(StoredMachine machine) throws FcvmException {
        try {
            Files.writeString(machine.files().removal(), "");
        } catch (NoSuchFileException gone) {
            return; // its directory is
        } catch (IOException e) {
            throw cannotMark(machine, e);
        }
    }

    private static void unmark(StoredMachine machine) throws FcvmException {
        try {
            Files.deleteIfExists(machine.files().removal());
        } catch (IOException e) {
            throw cannotMark(machine, e);
        }
    }

    private static FcvmException cannotMark(StoredMachine machine, IOException e) {
        return new FcvmException(
                FcvmException.Kind.HOST,
                "cannot remove machine %s: %s: %s"
                        .formatted(machine.name(), machine.files().removal(), IoReason.of(e)),
                e);
    }
}
