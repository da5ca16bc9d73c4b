package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.Skopeo.Source;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Fetches with skopeo into a directory and tells meanwhile how much has come. A registry that goes silent in the middle
 * of a layer, or sends more than it has announced, is not waited for, nor given the whole disk.
 *
 * @param skopeo with which
 * @param progress who hears of it
 * @param patience how long nothing may come from a registry
 */
record Fetch(Skopeo skopeo, Progress progress, Duration patience) {

    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration INTERVAL = Duration.ofMillis(100);
    /** What may come beside what the manifest announces: itself, signatures. */
    private static final long EXTRA = 32L << 20;

    /** Blocks until all has come; {@code total} is how many bytes that are, 0 when it is not known. */
    void into(Path directory, Source source, boolean convert, long total) throws FcvmException, InterruptedException {
        Watch watch = new Watch(directory, source, total, Thread.currentThread());
        Thread watching = Thread.ofVirtual().name("fetch-progress").start(watch);
        try {
            skopeo.fetch(source, directory, convert);
        } catch (InterruptedException e) {
            Optional<FcvmException> reason = watch.verdict();
            if (reason.isEmpty()) {
                throw e;
            }
            throw reason.get();
        } finally {
            watching.interrupt();
            joined(watching);
        }
        progress.bytes(size(directory), total);
    }

    /** The progress must have said its last word when its listener is told that all is over. */
    private static void joined(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks how much has come, and gives up on a source that misbehaves by interrupting the fetching thread. */
    private final class Watch implements Runnable {
        private final Path directory;
        private final Source source;
        private final long total;
        private final Thread fetching;
        private volatile Optional<FcvmException> verdict = Optional.empty();

        Watch(Path directory, Source source, long total, Thread fetching) {
            this.directory = directory;
            this.source = source;
            this.total = total;
            this.fetching = fetching;
        }

        Optional<FcvmException> verdict() {
            return verdict;
        }

        @Override
        public void run() {
            long last = -1;
            long since = System.nanoTime();
            try {
                while (verdict.isEmpty()) {
                    Thread.sleep(INTERVAL);
                    long size = size(directory);
                    progress.bytes(size, total);
                    if (size != last) {
                        last = size;
                        since = System.nanoTime();
                    }
                    verdict = judge(size, Duration.ofNanos(System.nanoTime() - since));
                }
                fetching.interrupt();
            } catch (InterruptedException e) {
                return; // all has come
            }
        }

        private Optional<FcvmException> judge(long size, Duration silent) {
            if (source.registry().isEmpty()) {
                return Optional.empty(); // a file is read, and perhaps unpacked elsewhere first
            }
            String registry = source.registry().get();
            if (total > 0 && size - EXTRA > total) {
                return Optional.of(new FcvmException(
                        Kind.IMAGE,
                        "cannot get %s: %s sends more than the image's manifest announces: push it anew"
                                .formatted(source.label(), registry)));
            }
            if (silent.compareTo(patience) > 0) {
                return Optional.of(new FcvmException(
                        Kind.IMAGE,
                        "cannot get %s: nothing has come from %s for %d s: check the network, and try again"
                                .formatted(source.label(), registry, patience.toSeconds())));
            }
            return Optional.empty();
        }
    }

    private static long size(Path directory) {
        long sum = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                sum += file.toFile().length();
            }
        } catch (IOException | DirectoryIteratorException e) {
            return 0; // nothing has come yet; whatever else it is, skopeo will complain of it
        }
        return sum;
    }
}
