package dev.fcvm.machine.inside;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.archive.TreeUnpacker;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Copies out of a container: Podman in the guest reads there, as its own {@code podman cp} does, and sends an archive.
 * What the guest sends is not trusted: where it goes is what the user wrote, and nothing that it says.
 *
 * @param from the machine's Podman
 * @param source what is copied
 * @param overwrite whether a file may take a directory's place, and a directory a file's
 * @param floor what must stay free on this host's disk
 */
public record CopyOut(GuestPodman from, CopyArgument source, boolean overwrite, DataSize floor) {

    /** Where something comes to lie on this host. */
    private sealed interface Target {

        /** What is copied lies in a directory, under a name. */
        record Named(Path directory, String name, boolean directories) implements Target {}

        /** What is in the copied directory lies in this one. */
        record Into(Path directory) implements Target {}

        /** The same, in a directory that is still to be made. */
        record IntoNew(Path directory) implements Target {}
    }

    /**
     * Writes an archive.
     *
     * @throws Unwritten when it is not taken
     */
    public void toStream(OutputStream out) throws FcvmException, Unwritten, InterruptedException {
        from.run(command(source.path()), out);
    }

    /** Writes an archive of the whole of it, also of a directory of which only the contents are meant. */
    void wholeTo(OutputStream out) throws FcvmException, Unwritten, InterruptedException {
        from.run(command(source.whole()), out);
    }

    /**
     * Copies to this host.
     *
     * @param path as its user wrote it
     * @param place the same, absolute
     */
    public void toHost(String path, Path place) throws FcvmException, InterruptedException {
        Target target = target(path, place.normalize());
        try (GuestCommand copy = from.start(command(source.whole()), false)) {
            EOFException cut = null;
            try {
                receive(copy, target);
            } catch (EOFException early) {
                cut = early;
            }
            if (copy.await() != 0) {
                throw from.refused(copy.said());
            }
            if (cut != null) {
                throw cut;
            }
        } catch (TreeUnpacker.NotADirectory file) {
            throw new FcvmException(Kind.USAGE, IoReason.of(file), file);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot copy " + from.machine() + ":" + source.path() + " to " + path + ": " + IoReason.of(failure),
                    failure);
        }
    }

    private List<String> command(String path) {
        return List.of("podman", "cp", from.container() + ":" + path, "-");
    }

    private Target target(String path, Path place) throws FcvmException {
        if (Files.isDirectory(place)) {
            return source.meansContents() ? new Target.Into(place) : new Target.Named(place, source.name(), true);
        }
        boolean there = Files.exists(place);
        if (there && !Files.isRegularFile(place)) {
            throw new FcvmException(
                    Kind.USAGE, "invalid destination: \"" + place + "\" must be a directory or a regular file");
        }
        Path above = Objects.requireNonNull(place.getParent(), "the root is a directory");
        if (!there && (path.endsWith("/") || !Files.isDirectory(above))) {
            throw new FcvmException(
                    Kind.NOT_FOUND, "\"" + path + "\" could not be found on the host: no such file or directory");
        }
        if (there && source.meansContents()) {
            throw new FcvmException(Kind.USAGE, "destination must be a directory when copying a directory");
        }
        return source.name().isEmpty()
                ? new Target.IntoNew(place)
                : new Target.Named(above, RawPaths.text(place.getFileName()), !there);
    }

    private void receive(GuestCommand copy, Target target) throws IOException {
        switch (target) {
            case Target.Named(Path directory, String name, boolean directories) -> {
                try (OpenDirectory into = OpenDirectory.open(directory)) {
                    TreeUnpacker.one(copy.output(), into, name, rules(directory, directories));
                }
            }
            case Target.Into(Path directory) -> {
                try (OpenDirectory into = OpenDirectory.open(directory)) {
                    TreeUnpacker.contents(copy.output(), into, rules(directory, true));
                }
            }
            case Target.IntoNew(Path directory) -> {
                Files.createDirectory(directory);
                receive(copy, new Target.Into(directory));
            }
        }
    }

    private TreeUnpacker.Rules rules(Path directory, boolean directories) {
        return new TreeUnpacker.Rules(overwrite, directories, directory, floor);
    }
}
