package dev.fcvm.host.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lock on a file, between processes and between the parts of this one, for try-with-resources. The kernel releases it
 * when the process ends, however it ends. The file is made if it is not there, and stays.
 *
 * <p>It belongs to whoever holds the object, not to a thread: it may be closed in another one than took it.
 */
public final class LockFile implements AutoCloseable {

    private static final ProcessLocks LOCKS = ProcessLocks.OF_THIS_PROCESS;

    private final ProcessLocks.Entry entry;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LockFile(ProcessLocks.Entry entry) {
        this.entry = entry;
    }

    /** Waits until nobody else holds the lock, and takes it alone. */
    public static LockFile exclusive(Path file) throws IOException, InterruptedException {
        return new LockFile(LOCKS.await(file, false));
    }

    /** Waits until nobody else holds the lock alone, and takes it beside others. */
    public static LockFile shared(Path file) throws IOException, InterruptedException {
        return new LockFile(LOCKS.await(file, true));
    }

    /** Takes the lock alone, or returns nothing when somebody holds it, in this process or another. */
    public static Optional<LockFile> tryExclusive(Path file) throws IOException {
        return LOCKS.attempt(file, false).map(LockFile::new);
    }

    /** Takes the lock beside others, or returns nothing when somebody holds it alone, in this process or another. */
    public static Optional<LockFile> tryShared(Path file) throws IOException {
        return LOCKS.attempt(file, true).map(LockFile::new);
    }

    /** Gives the lock up; more than once is as good as once. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            LOCKS.release(entry);
        }
    }
}
