package dev.fcvm.host;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lock on a file between processes, for try-with-resources. The kernel releases it when the process ends, however it
 * ends. The file is made if it is not there, and stays.
 *
 * <p>A trap of POSIX locks: they belong to the process, and closing <em>any</em> descriptor of the file gives them up.
 * So one process takes a lock on a file once at a time, and opens the file in no other way meanwhile; a second attempt
 * in the same process is refused as a defect where it can be seen. Threads of one process need a lock of their own
 * around this one.
 */
public final class LockFile implements AutoCloseable {

    private final FileChannel channel;

    private LockFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits until no other process holds the lock, and takes it alone. */
    public static LockFile exclusive(Path file) throws IOException, InterruptedException {
        return await(file, false);
    }

    /** Waits until no other process holds the lock alone, and takes it beside others. */
    public static LockFile shared(Path file) throws IOException, InterruptedException {
        return await(file, true);
    }

    /** Takes the lock alone, or returns nothing when another process holds it. */
    public static Optional<LockFile> tryExclusive(Path file) throws IOException {
        return attempt(file, false);
    }

    /** Takes the lock beside others, or returns nothing when another process holds it alone. */
    public static Optional<LockFile> tryShared(Path file) throws IOException {
        return attempt(file, true);
    }

    private static LockFile await(Path file, boolean shared) throws IOException, InterruptedException {
        FileChannel channel = open(file);
        FileLock lock = null;
        try {
            lock = channel.lock(0, Long.MAX_VALUE, shared);
            return new LockFile(channel);
        } catch (FileLockInterruptionException | ClosedByInterruptException e) {
            Thread.interrupted();
            InterruptedException interrupted = new InterruptedException("while waiting for the lock " + file);
            interrupted.initCause(e);
            throw interrupted;
        } catch (OverlappingFileLockException e) {
            throw new IllegalStateException("this process holds the lock already: " + file, e);
        } finally {
            closeUnlessHeld(channel, lock);
        }
    }

    private static Optional<LockFile> attempt(Path file, boolean shared) throws IOException {
        FileChannel channel = open(file);
        FileLock lock = null;
        try {
            lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            return lock == null ? Optional.empty() : Optional.of(new LockFile(channel));
        } catch (OverlappingFileLockException e) {
            throw new IllegalStateException("this process holds the lock already: " + file, e);
        } finally {
            closeUnlessHeld(channel, lock);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static void closeUnlessHeld(FileChannel channel, @Nullable FileLock lock) throws IOException {
        if (lock == null) {
            channel.close();
        }
    }

    /** Gives the lock up. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
