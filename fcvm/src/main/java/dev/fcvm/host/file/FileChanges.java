package dev.fcvm.host.file;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Tells when something in a directory changes (inotify(7)), whichever process changes it. What changed is not told: who
 * waits looks for itself, before the first wait as well.
 */
public final class FileChanges implements AutoCloseable {

    private final WatchService service;
    private final WatchKey key;

    private FileChanges(WatchService service, WatchKey key) {
        this.service = service;
        this.key = key;
    }

    /**
     * Begins to watch.
     *
     * @throws IOException when the directory is not there, or the user watches too many already
     */
    public static FileChanges of(Path directory) throws IOException {
        WatchService service = directory.getFileSystem().newWatchService();
        try {
            return new FileChanges(
                    service,
                    directory.register(
                            service,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE));
        } catch (IOException | RuntimeException failure) {
            service.close();
            throw failure;
        }
    }

    /**
     * Waits for a change since the last call.
     *
     * @param atMost how long
     * @return whether more may come: false when the directory is gone
     */
    public boolean await(Duration atMost) throws InterruptedException {
        try {
            WatchKey changed = service.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
            if (changed == null) {
                return key.isValid();
            }
            changed.pollEvents();
            return changed.reset();
        } catch (ClosedWatchServiceException closed) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
