package dev.fcvm.host.file;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The locks on files that this process holds or waits for. It is asked before a file is opened, because closing any
 * descriptor of a file gives up the process's lock on it (fcntl_locking(2)): a second attempt must not get that far.
 *
 * <p>There is one for the process, as the kernel's own table of these locks is the process's.
 */
final class ProcessLocks {

    static final ProcessLocks OF_THIS_PROCESS = new ProcessLocks();

    private final ReentrantLock guard = new ReentrantLock();
    private final Condition changed = guard.newCondition();
    private final Map<Path, Entry> entries = new HashMap<>();

    private ProcessLocks() {}

    /** One file's lock. Everything in it is read and written under the guard. */
    static final class Entry {
        private final Path file;
        private final boolean shared;
        private final Thread taker;
        private int holders;
        private @Nullable FileChannel channel;

        private Entry(Path file, boolean shared, Thread taker) {
            this.file = file;
            this.shared = shared;
            this.taker = taker;
        }

        private boolean isHeld() {
            return channel != null;
        }
    }

    /** Takes the lock at once, or returns nothing when another process or another part of this one has it. */
    Optional<Entry> attempt(Path file, boolean shared) throws IOException {
        Path key = key(file);
        guard.lock();
        try {
            Entry there = entries.get(key);
            if (there != null) {
                return join(there, shared);
            }
            FileChannel channel = open(key);
            FileLock lock = null;
            try {
                lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            } finally {
                closeUnlessHeld(channel, lock);
            }
            if (lock == null) {
                return Optional.empty();
            }
            Entry taken = new Entry(key, shared, Thread.currentThread());
            held(taken, channel);
            entries.put(key, taken);
            return Optional.of(taken);
        } finally {
            guard.unlock();
        }
    }

    /**
     * Waits for the lock.
     *
     * @throws IllegalStateException when this very thread has taken it, and would wait for itself
     */
    Entry await(Path file, boolean shared) throws IOException, InterruptedException {
        Path key = key(file);
        Entry taken;
        guard.lockInterruptibly();
        try {
            Entry there = entries.get(key);
            while (there != null) {
                Optional<Entry> joined = join(there, shared);
                if (joined.isPresent()) {
                    return joined.get();
                }
                if (there.taker == Thread.currentThread()) {
                    throw new IllegalStateException("this thread has the lock already: " + file);
                }
                changed.await();
                there = entries.get(key);
            }
            taken = new Entry(key, shared, Thread.currentThread());
            entries.put(key, taken);
        } finally {
            guard.unlock();
        }
        return awaitOtherProcesses(taken);
    }

    /** Of this process the entry is the only one; the kernel knows of the others. */
    private Entry awaitOtherProcesses(Entry taken) throws IOException, InterruptedException {
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = open(taken.file);
            lock = channel.lock(0, Long.MAX_VALUE, taken.shared);
            return taken;
        } catch (FileLockInterruptionException | ClosedByInterruptException e) {
            Thread.interrupted();
            InterruptedException interrupted = new InterruptedException("while waiting for the lock " + taken.file);
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            settle(taken, channel, lock);
        }
    }

    private void settle(Entry taken, @Nullable FileChannel channel, @Nullable FileLock lock) throws IOException {
        guard.lock();
        try {
            if (channel != null && lock != null) {
                held(taken, channel);
            } else {
                entries.remove(taken.file);
            }
            changed.signalAll();
            if (channel != null) {
                closeUnlessHeld(channel, lock);
            }
        } finally {
            guard.unlock();
        }
    }

    /** Gives up one holder's part. */
    void release(Entry entry) throws IOException {
        guard.lock();
        try {
            entry.holders--;
            FileChannel channel = entry.channel;
            if (entry.holders > 0 || channel == null) {
                return;
            }
            entries.remove(entry.file);
            changed.signalAll();
            channel.close();
        } finally {
            guard.unlock();
        }
    }

    private static Optional<Entry> join(Entry there, boolean shared) {
        if (!there.isHeld() || !there.shared || !shared) {
            return Optional.empty();
        }
        there.holders++;
        return Optional.of(there);
    }

    private static void held(Entry entry, FileChannel channel) {
        entry.channel = channel;
        entry.holders = 1;
    }

    /** The same file by whatever path: the last name is a lock's own, and no link. */
    private static Path key(Path file) throws IOException {
        Path whole = file.toAbsolutePath();
        Path directory = whole.getParent();
        Path name = whole.getFileName();
        if (directory == null || name == null) {
            throw new IOException("a directory cannot be a lock: " + file);
        }
        return directory.toRealPath().resolve(name);
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
}
