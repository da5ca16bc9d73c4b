package dev.fcvm.volume;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is served of the host while the machine runs.
 *
 * @param directory a directory of the host
 * @param only the one file in it that is mapped; empty for all of it
 */
public record LiveSource(Path directory, Optional<String> only) {

    /**
     * Finds it, without making anything.
     *
     * @throws FcvmException when it is not there, nor is to be made, is neither a directory nor a file, or has something of
     *     fcvm's own in it, which no guest may touch
     */
    public static LiveSource find(Mapping.HostDirectory wanted, Settings settings) throws FcvmException {
        Path source = wanted.source();
        refuseOwn(wanted, real(source), real(settings.directories().data()));
        if (Files.isRegularFile(source)) {
            Path directory = Optional.ofNullable(source.getParent()).orElse(Path.of("/"));
            return new LiveSource(directory, Optional.of(String.valueOf(source.getFileName())));
        }
        if (Files.isDirectory(source)) {
            if (!Files.isReadable(source) || !Files.isExecutable(source)) {
                throw refused(wanted, "it cannot be read; give this user the right to, by chmod or an ACL");
            }
            return new LiveSource(source, Optional.empty());
        }
        if (Files.exists(source)) {
            throw refused(wanted, "it is neither a directory nor a regular file");
        }
        if (!wanted.create()) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "cannot map %s to %s: no such file or directory; make it, or add create to have it made"
                            .formatted(source, wanted.target()));
        }
        return new LiveSource(source, Optional.empty());
    }

    /** Refuses what is said of a copy, and would be silently nothing here. */
    public static void refuseWordsOfCopies(Mapping.HostDirectory wanted) throws FcvmException {
        if (wanted.size().isPresent() || wanted.sync() != SyncMode.BACK) {
            throw refused(
                    wanted,
                    "size and sync are for copies (mode=block), and mode=%s is the directory itself; leave them out"
                            .formatted(wanted.mode().word()));
        }
    }

    private static void refuseOwn(Mapping.HostDirectory wanted, Path source, Path state) throws FcvmException {
        if (source.startsWith(state) || state.startsWith(source)) {
            throw refused(
                    wanted,
                    "it %s %s, where fcvm keeps its machines"
                            .formatted(source.startsWith(state) ? "lies in" : "holds", state));
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException notThere) {
            return path.toAbsolutePath().normalize();
        }
    }

    /** Finds it, and makes the directory where it is to be made. */
    public static LiveSource make(Mapping.HostDirectory wanted, Settings settings) throws FcvmException {
        LiveSource source = find(wanted, settings);
        if (source.only().isEmpty()) {
            try {
                Files.createDirectories(source.directory());
            } catch (IOException e) {
                throw refused(wanted, "it cannot be made: " + IoReason.of(e));
            }
        }
        return source;
    }

    private static FcvmException refused(Mapping.HostDirectory wanted, String why) {
        return new FcvmException(
                Kind.USAGE, "cannot map %s to %s: %s".formatted(wanted.source(), wanted.target(), why));
    }
}
