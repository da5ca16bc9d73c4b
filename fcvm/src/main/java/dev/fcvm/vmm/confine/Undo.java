package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.DirectoryTree;
import dev.fcvm.host.MachineId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes back what a confinement has on the host beside processes: cgroups, the owner of a disk, the tree. Each is
 * written down in the machine's directory before it is done, so that whoever finds the directory can take it back, after
 * a {@code kill -9} as well. Mounts and namespaces need no undoing: they end with the machine's processes.
 */
public final class Undo {

    private static final String DIRECTORY = "jail";
    private static final String CGROUP = "cgroup ";
    private static final String OWNER = "owner ";
    /** A cgroup can be removed once the kernel has buried its last process. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(1);

    private final MachineId machine;
    private final Path directory;

    private Undo(MachineId machine, Path directory) {
        this.machine = machine;
        this.directory = directory;
    }

    /**
     * Names the undoing of a machine's confinement; does nothing.
     *
     * @param directory the machine's
     */
    public static Undo of(MachineId machine, Path directory) {
        return new Undo(machine, directory.resolve(DIRECTORY));
    }

    /** Returns where the confinement may keep files. */
    Path directory() {
        return directory;
    }

    /** Writes down that there will be a cgroup, whose name must end in the machine's id. */
    void cgroup(Path cgroup) throws IOException {
        note(CGROUP + cgroup);
    }

    /** Writes down whose a file is now. */
    void owner(Path file) throws IOException {
        note(OWNER + Files.getAttribute(file, "unix:uid") + ":" + Files.getAttribute(file, "unix:gid") + " " + file);
    }

    private void note(String line) throws IOException {
        Files.writeString(journal(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private Path journal() {
        return directory.resolve("undo");
    }

    /**
     * Does it, once the machine's processes have ended. What fails keeps nothing else from being taken back; it stays
     * written down then, for another try. Idempotent.
     *
     * @throws FcvmException the first failure, with all others suppressed in it
     */
    public void run() throws FcvmException {
        // An interruption may be why it is done; it must not be what keeps it from being done.
        boolean interrupted = Thread.interrupted();
        try {
            takeBack();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void takeBack() throws FcvmException {
        List<FcvmException> failures = new ArrayList<>();
        for (String line : lines().reversed()) {
            try {
                if (line.startsWith(CGROUP)) {
                    removeCgroup(Path.of(line.substring(CGROUP.length())));
                } else if (line.startsWith(OWNER)) {
                    giveBack(line.substring(OWNER.length()));
                }
            } catch (IOException e) {
                failures.add(failed(line, e));
            }
        }
        if (failures.isEmpty()) {
            try {
                DirectoryTree.delete(directory);
                return;
            } catch (IOException e) {
                failures.add(failed(directory.toString(), e));
            }
        }
        FcvmException first = failures.removeFirst();
        failures.forEach(first::addSuppressed);
        throw first;
    }

    /** Returns whether something is still to be taken back. */
    public boolean isPending() {
        return Files.exists(journal());
    }

    private List<String> lines() throws FcvmException {
        try {
            return Files.exists(journal()) ? Files.readAllLines(journal()) : List.of();
        } catch (IOException e) {
            throw failed(journal().toString(), e);
        }
    }

    private FcvmException failed(String what, IOException why) {
        return new FcvmException(
                Kind.HOST,
                "cannot take back what machine %s had on the host (%s): %s"
                        .formatted(machine.brief(), what, IoReason.of(why)),
                why);
    }

    private void removeCgroup(Path cgroup) throws IOException {
        if (!String.valueOf(cgroup.getFileName()).endsWith(machine.value())) {
            throw new IOException(journal() + " names a cgroup of somebody else: " + cgroup);
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                Files.deleteIfExists(cgroup);
                return;
            } catch (IOException busy) {
                if (System.nanoTime() > end) {
                    throw busy;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private static void giveBack(String words) throws IOException {
        int colon = words.indexOf(':');
        int space = words.indexOf(' ');
        Path file = Path.of(words.substring(space + 1));
        try {
            Files.setAttribute(file, "unix:uid", Integer.parseUnsignedInt(words.substring(0, colon)));
            Files.setAttribute(file, "unix:gid", Integer.parseUnsignedInt(words.substring(colon + 1, space)));
        } catch (NoSuchFileException e) {
            return; // the disk has gone before
        }
    }
}
