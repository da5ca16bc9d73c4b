package dev.fcvm.machine.inside;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.volume.archive.TreePacker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies into a container. What is copied is unpacked in the guest first, beside the container, and put into it by Podman
 * there, so that each rule of {@code podman cp} is Podman's own. It takes its size twice on the machine's disk until then.
 *
 * @param to the machine's Podman
 * @param path where to in the container, as its user wrote it
 * @param options of {@code podman cp}
 */
public record CopyIn(GuestPodman to, String path, List<String> options) {

    /**
     * The first word behind it says what of the archive is meant: nothing for the one thing in it, {@code /.} for what is in
     * the one directory in it, a dot for all of it. Then where to, and options of Podman's.
     */
    private static final String UNPACK_AND_COPY = """
            from=$1 to=$2
            shift 2
            trap 'exit 125' HUP INT TERM
            trap 'rm -rf "$d"' EXIT
            d=$(mktemp -d /var/tmp/cp.XXXXXX) || exit 125
            tar -x -p --numeric-owner --xattrs '--xattrs-include=*' -C "$d" -f - || exit 125
            if [ "$from" = . ]; then
                podman cp "$@" "$d/." "$to"
                exit
            fi
            for one in "$d"/* "$d"/.[!.]* "$d"/..?*; do
                if [ -e "$one" ] || [ -L "$one" ]; then
                    podman cp "$@" "$one$from" "$to"
                    exit
                fi
            done
            echo 'Error: there was nothing to copy' >&2
            exit 125
            """;

    private static final String FROM_STREAM = """
            export TMPDIR=/var/tmp
            exec podman cp "$@"
            """;

    /** What is sent to a guest. */
    @FunctionalInterface
    private interface Sender {
        void send(OutputStream to) throws IOException, FcvmException, InterruptedException;
    }

    /** Copies what is in an archive, which may be compressed as Podman knows it. */
    public void fromStream(InputStream archive) throws FcvmException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", FROM_STREAM, "sh"));
        command.addAll(options);
        command.addAll(List.of("-", to.container() + ":" + path));
        run(command, "standard input", out -> Unwritten.carry(archive, out));
    }

    /**
     * Copies a file or directory of this host.
     *
     * @param source as its user wrote it
     * @param place the same, absolute
     */
    public void fromHost(CopyArgument source, Path place) throws FcvmException, InterruptedException {
        Path whole = place.normalize();
        if (!Files.exists(whole)) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "\"" + source.path() + "\" could not be found on the host: no such file or directory");
        }
        boolean directory = Files.isDirectory(whole);
        if (!directory && !Files.isRegularFile(whole)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"" + source.path() + "\" is neither a file nor a directory; a tar archive can come from a pipe:"
                            + " fcvm cp - " + to.machine() + ":" + path);
        }
        Path last = whole.getFileName();
        String name = last == null ? "" : RawPaths.text(last);
        boolean contents = directory && source.meansContents();
        run(unpacking(name, contents), source.path(), out -> TreePacker.write(whole, name, out));
    }

    /** Copies from another container. */
    public void fromContainer(CopyOut other) throws FcvmException, InterruptedException {
        run(
                unpacking(other.source().name(), other.source().meansContents()),
                other.from().machine() + ":" + other.source().path(),
                other::wholeTo);
    }

    /**
     * @param name of what is copied; empty for a root directory, which has none
     */
    private List<String> unpacking(String name, boolean contents) {
        String from = name.isEmpty() ? "." : contents ? "/." : "";
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", UNPACK_AND_COPY, "sh", from, to.container() + ":" + path));
        command.addAll(options);
        return command;
    }

    private void run(List<String> command, String source, Sender sender) throws FcvmException, InterruptedException {
        try (GuestCommand copy = to.start(command, true)) {
            try {
                sender.send(Unwritten.marking(copy.input()));
                // Not before all of it is there: an end that comes too soon would look like the archive's own.
                copy.input().close();
            } catch (Unwritten refused) {
                // It has ended, and tells why.
            }
            copy.output().transferTo(OutputStream.nullOutputStream());
            if (copy.await() != 0) {
                throw to.refused(copy.said());
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot copy " + source + " to " + to.machine() + ":" + path + ": " + IoReason.of(failure),
                    failure);
        }
    }
}
