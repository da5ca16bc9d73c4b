package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.Skopeo.Source;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import dev.fcvm.image.bounds.Watched;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Fetches with skopeo into a directory and tells meanwhile how much has come. A registry that goes silent in the middle
 * of a layer, or all but silent, or sends more than it has announced, is not waited for, nor given the whole disk.
 *
 * @param skopeo with which
 * @param progress who hears of it
 * @param patience how long nothing may come from a registry
 * @param bounds what an image may take
 * @param room what there is for it
 */
record Fetch(Skopeo skopeo, Progress progress, Duration patience, ImageBounds bounds, Room room) {

    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Said of how much is to come when nobody has announced it. */
    static final long UNKNOWN = -1;

    /** What may come beside what the manifest announces: itself, signatures. */
    private static final long EXTRA = 32L << 20;

    /** Beside the layers: the manifest, the configuration, the version, signatures, what is being written. */
    private static final int MORE_FILES = 32;

    /** As much must come while twice the patience passes: a registry that sends a byte a second never falls silent. */
    private static final long TRICKLE = 512L << 10;

    /** Blocks until all has come; {@code announced} is how many bytes that are, or {@link #UNKNOWN}. */
    void into(Path directory, Source source, boolean convert, long announced)
            throws FcvmException, IOException, InterruptedException {
        long total = Math.max(0, announced);
        Watched.run(new Watch(directory, source, announced), () -> skopeo.fetch(source, directory, convert));
        progress.bytes(size(directory), total);
    }

    /** Looks how much has come, and gives up on a source that misbehaves. */
    private final class Watch implements Watched.Judge {
        private final Path directory;
        private final Source source;
        private final long announced;
        private long last = -1;
        private long lastAt = System.nanoTime();
        private long mark;
        private long markAt = System.nanoTime();

        Watch(Path directory, Source source, long announced) {
            this.directory = directory;
            this.source = source;
            this.announced = announced;
        }

        @Override
        public Optional<FcvmException> look() throws IOException {
            long size = size(directory);
            long now = System.nanoTime();
            progress.bytes(size, Math.max(0, announced));
            if (size != last) {
                last = size;
                lastAt = now;
            }
            if (size - mark >= TRICKLE) {
                mark = size;
                markAt = now;
            }
            Optional<FcvmException> excess = excess(size);
            // A file is read, and perhaps unpacked elsewhere first: it may take its time.
            return excess.isPresent() || source.registry().isEmpty()
                    ? excess
                    : slowness(source.registry().get(), size, now);
        }

        private Optional<FcvmException> excess(long size) throws IOException {
            if (size > bounds.mostBytes().bytes()) {
                return room.tooLarge(bounds.mostBytes().bytes());
            }
            if (count(directory) > RawManifest.MOST_LAYERS + MORE_FILES) {
                return Optional.of(RawManifest.tooManyLayers(source.label(), "more than " + RawManifest.MOST_LAYERS));
            }
            if (announced != UNKNOWN && source.registry().isPresent() && size - EXTRA > announced) {
                return refused("%s sends more than the image's manifest announces: push it anew"
                        .formatted(source.registry().get()));
            }
            return room.full();
        }

        private Optional<FcvmException> slowness(String registry, long size, long now) {
            if (now - lastAt > patience.toNanos()) {
                return refused("nothing has come from %s for %d s: check the network, and try again"
                        .formatted(registry, patience.toSeconds()));
            }
            long window = 2 * patience.toSeconds();
            if (now - markAt > Duration.ofSeconds(window).toNanos()) {
                return refused("no more than %d bytes have come from %s in %d s: check the network, and try again"
                        .formatted(size - mark, registry, window));
            }
            return Optional.empty();
        }

        private Optional<FcvmException> refused(String why) {
            return Optional.of(new FcvmException(Kind.IMAGE, "cannot get %s: %s".formatted(source.label(), why)));
        }
    }

    private static int count(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? 0 : names.length;
    }

    /** Returns how many bytes there are in a directory's files. */
    static long size(Path directory) {
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
