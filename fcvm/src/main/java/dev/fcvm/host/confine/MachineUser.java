package dev.fcvm.host.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.LockFile;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.PrivateDirectories;
import dev.fcvm.host.UserRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A user of a machine's own, for as long as the machine lives. The claim is a file with a lock on it, which the kernel
 * frees if this process is killed; its machine may go on, so a user whose processes live is never given out.
 */
public final class MachineUser implements AutoCloseable {

    /** Common to all of root's data directories: users are the whole host's. */
    static final Path CLAIMS = Path.of("/run/fcvm/users");

    private static final Path PROC = Path.of("/proc");
    /** USER.PID: the claimed user, and whose claim it is. */
    private static final Pattern CLAIM = Pattern.compile("([0-9]{1,10})\\.([0-9]{1,10})");

    private final int number;
    private final Path claim;
    private final LockFile lock;

    private MachineUser(int number, Path claim, LockFile lock) {
        this.number = number;
        this.claim = claim;
        this.lock = lock;
    }

    /** Returns the user's number, which is the group's as well. */
    public int number() {
        return number;
    }

    /** Returns the options by which what is mounted as a file system of its own is this user's. */
    public String options() {
        return ",uid=%1$d,gid=%1$d".formatted(number);
    }

    /**
     * Claims one.
     *
     * @throws FcvmException when all are in use
     */
    public static MachineUser claim(MachineId machine, UserRange range) throws FcvmException, InterruptedException {
        return claim(machine, range, CLAIMS);
    }

    static MachineUser claim(MachineId machine, UserRange range, Path claims)
            throws FcvmException, InterruptedException {
        PrivateDirectories.require(claims);
        // The threads of this process need an order of their own: the lock is between processes.
        synchronized (MachineUser.class) {
            try (LockFile _ = LockFile.exclusive(claims.resolve("lock"))) {
                Set<Integer> taken = claimed(claims);
                taken.addAll(alive());
                // Not the lowest: a user that was just given back is not at once somebody else.
                int start = Math.floorMod(machine.hashCode(), range.size());
                for (int step = 0; step < range.size(); step++) {
                    int user = range.first() + (start + step) % range.size();
                    if (!taken.contains(user)) {
                        Path file = claims.resolve(
                                user + "." + ProcessHandle.current().pid());
                        LockFile lock = LockFile.tryExclusive(file)
                                .orElseThrow(() -> new IOException("the fresh claim " + file + " is locked"));
                        return new MachineUser(user, file, lock);
                    }
                }
            } catch (IOException e) {
                throw new FcvmException(
                        Kind.HOST, "cannot claim a user for the machine in %s: %s".formatted(claims, e), e);
            }
        }
        throw new FcvmException(
                Kind.IN_USE,
                "all %d users for machines (%d-%d) are in use: set FCVM_JAILER_UIDS to a larger range"
                        .formatted(range.size(), range.first(), range.last()));
    }

    /** Returns the claimed users, and removes the claims of processes that are gone. */
    private static Set<Integer> claimed(Path claims) throws IOException {
        Set<Integer> taken = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(claims)) {
            for (Path file : files) {
                Matcher name = CLAIM.matcher(String.valueOf(file.getFileName()));
                if (name.matches() && !isStale(file, Long.parseLong(name.group(2)))) {
                    taken.add(Integer.parseUnsignedInt(name.group(1)));
                }
            }
        }
        return taken;
    }

    private static boolean isStale(Path file, long owner) throws IOException {
        if (owner == ProcessHandle.current().pid()) {
            return false; // our own; to open the file would be to lose its lock
        }
        var free = LockFile.tryExclusive(file);
        if (free.isEmpty()) {
            return false;
        }
        Files.deleteIfExists(file);
        free.get().close();
        return true;
    }

    /** Returns every user some process runs as, in whichever of its four ways. */
    private static Set<Integer> alive() throws IOException {
        Set<Integer> users = new HashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                try (Stream<String> lines = Files.lines(process.resolve("status"))) {
                    lines.filter(line -> line.startsWith("Uid:"))
                            .flatMap(line -> Stream.of(
                                    line.substring("Uid:".length()).strip().split("\\s+")))
                            .forEach(user -> users.add(Integer.parseUnsignedInt(user)));
                } catch (IOException | UncheckedIOException e) {
                    // It has ended, and is nobody any more.
                }
            }
        }
        return users;
    }

    /** Gives it back. */
    @Override
    public void close() throws FcvmException {
        try (lock) {
            Files.deleteIfExists(claim);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot give the machine's user %d back: %s: %s".formatted(number, claim, IoReason.of(e)),
                    e);
        }
    }
}
