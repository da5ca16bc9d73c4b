package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Fetches with skopeo into a directory and tells meanwhile how much has come.
 *
 * @param skopeo with which
 * @param progress who hears of it
 */
record Fetch(Skopeo skopeo, Progress progress) {

    private static final Duration INTERVAL = Duration.ofMillis(100);

    /** Blocks until all has come. */
    void into(Path directory, Skopeo.Source source, boolean convert, long total)
            throws FcvmException, InterruptedException {
        Thread watching = Thread.ofVirtual().name("fetch-progress").start(() -> watch(directory, total));
        try {
            skopeo.fetch(source, directory, convert);
        } finally {
            watching.interrupt();
        }
        watching.join();
        progress.bytes(size(directory), total);
    }

    private void watch(Path directory, long total) {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                progress.bytes(size(directory), total);
            }
        } catch (InterruptedException e) {
            return; // all has come
        }
    }

    private static long size(Path directory) {
        long sum = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                sum += file.toFile().length();
            }
        } catch (NoSuchFileException e) {
            return 0; // nothing has come yet
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look into " + directory, e);
        }
        return sum;
    }
}
