package dev.fcvm.image;

import dev.fcvm.host.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The store's locks: between processes by files that stay, between the threads of this process by ordinary locks,
 * because a process has a file's lock only once. A process has one of these for a store.
 */
final class StoreLocks {

    private final Path directory;
    private final ConcurrentHashMap<String, ReentrantLock> threads = new ConcurrentHashMap<>();

    StoreLocks(Path directory) {
        this.directory = directory;
    }

    /** A lock that is held until it is closed, by the thread that took it. */
    static final class Held implements AutoCloseable {
        private final ReentrantLock thread;
        private final LockFile file;

        private Held(ReentrantLock thread, LockFile file) {
            this.thread = thread;
            this.file = file;
        }

        @Override
        public void close() throws IOException {
            try {
                file.close();
            } finally {
                thread.unlock();
            }
        }
    }

    /** Takes the lock under which names are changed and images are removed. Short. */
    Held catalogue() throws IOException, InterruptedException {
        return take("catalogue");
    }

    /** Takes the lock under which work directories are made and swept; taken after the catalogue's. Short, but for a sweep. */
    Held works() throws IOException, InterruptedException {
        return take("works");
    }

    /**
     * Takes the lock under which an image is made. The names of locks are few, so that the files can stay: two images
     * may share one, and then wait for each other.
     */
    Held image(String id) throws IOException, InterruptedException {
        return take("image-" + id.substring(0, 2));
    }

    /** Takes the lock under which a file or directory is read; taken before that of the image in it. */
    Held source(String key) throws IOException, InterruptedException {
        return take("source-" + key.substring(0, 2));
    }

    private Held take(String name) throws IOException, InterruptedException {
        ReentrantLock thread = threads.computeIfAbsent(name, key -> new ReentrantLock());
        thread.lockInterruptibly();
        boolean taken = false;
        try {
            Files.createDirectories(directory);
            Held held = new Held(thread, LockFile.exclusive(directory.resolve(name)));
            taken = true;
            return held;
        } finally {
            if (!taken) {
                thread.unlock();
            }
        }
    }
}
