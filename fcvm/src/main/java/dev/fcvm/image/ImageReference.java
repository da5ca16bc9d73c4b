package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.image.QualifiedName.Unqualified;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What a user wrote to say which image is meant, read and checked before anything is touched. */
public sealed interface ImageReference {

    /** Returns it as the user wrote it. */
    String text();

    /**
     * An image in a registry, by its full name.
     *
     * @param text as written
     * @param name its name
     */
    record Registry(String text, QualifiedName name) implements ImageReference {}

    /**
     * A name without a registry, for example {@code alpine:3}: which one it means depends on registries.conf and on
     * what is in the store. It may also be the beginning of an image's id.
     *
     * @param text as written
     * @param name the name's parts
     */
    record ShortName(String text, Unqualified name) implements ImageReference {}

    /**
     * An image by its id, which only the store knows.
     *
     * @param text as written
     * @param hex 64 hexadecimal digits
     */
    record ById(String text, String hex) implements ImageReference {}

    /**
     * An image in a file or a directory.
     *
     * @param text as written
     * @param transport its form
     * @param path where it is
     * @param inner which image of several there, empty for the only one
     */
    record InFile(String text, Transport transport, Path path, String inner) implements ImageReference {}

    /**
     * An image another container engine keeps on this host, written as skopeo takes it.
     *
     * @param text as written, with its transport
     */
    record InEngine(String text) implements ImageReference {
        /** Returns the name it has there, or its id after an {@code @}. */
        String name() {
            return text.replaceFirst("^[a-z-]+:(\\[[^]]*])?", "");
        }
    }

    /** The forms of an image in a file or a directory. */
    enum Transport {
        OCI_ARCHIVE("oci-archive:"),
        DOCKER_ARCHIVE("docker-archive:"),
        OCI("oci:"),
        DIR("dir:");

        private final String prefix;

        Transport(String prefix) {
            this.prefix = prefix;
        }

        /** Returns its name with the colon, as skopeo takes it. */
        String prefix() {
            return prefix;
        }
    }

    /**
     * Reads a reference: {@code docker://NAME}, a name, {@code oci-archive:FILE[:NAME]},
     * {@code docker-archive:FILE[:NAME]}, {@code oci:DIRECTORY[:NAME]}, {@code dir:DIRECTORY},
     * {@code containers-storage:NAME}, {@code docker-daemon:NAME}, or an image's id.
     *
     * @param files finds the absolute path of a file the caller names
     * @throws FcvmException when it is malformed; nothing has been touched
     */
    static ImageReference parse(String text, Function<String, Path> files) throws FcvmException {
        if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
            throw QualifiedName.malformed(text, "it is empty or not printable");
        }
        for (Transport transport : Transport.values()) {
            if (text.startsWith(transport.prefix())) {
                return file(text, transport, files);
            }
        }
        if (text.startsWith("containers-storage:") || text.startsWith("docker-daemon:")) {
            if (text.endsWith(":")) {
                throw QualifiedName.malformed(text, "an image's name is missing after the colon");
            }
            return new InEngine(text);
        }
        if (text.startsWith("/") || text.startsWith("./") || text.startsWith("../") || text.startsWith("~")) {
            throw new FcvmException(
                    Kind.USAGE,
                    Files.isDirectory(files.apply(text))
                            ? "\"%1$s\" is a directory: for the image in it give oci:%1$s, or dir:%1$s if skopeo wrote it so"
                                    .formatted(text)
                            : "\"%1$s\" is a file's name: for the image in it give docker-archive:%1$s, as docker save and podman save write it, or oci-archive:%1$s"
                                    .formatted(text));
        }
        if (text.startsWith("docker://")) {
            return new Registry(
                    text,
                    QualifiedName.parse(text.substring("docker://".length())).withDefaultTag());
        }
        String hex = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
        if (Names.ID.matcher(hex).matches()) {
            return new ById(text, hex);
        }
        return name(text);
    }

    private static ImageReference name(String text) throws FcvmException {
        // Checks the grammar in any case: a short name is a legal name on Docker Hub.
        QualifiedName qualified = QualifiedName.parse(text).withDefaultTag();
        int slash = text.indexOf('/');
        return slash > 0 && QualifiedName.isRegistry(text.substring(0, slash))
                ? new Registry(text, qualified)
                : new ShortName(text, Unqualified.split(text));
    }

    private static ImageReference file(String text, Transport transport, Function<String, Path> files)
            throws FcvmException {
        String rest = text.substring(transport.prefix().length());
        int colon = transport == Transport.DIR ? -1 : rest.indexOf(':');
        String file = colon < 0 ? rest : rest.substring(0, colon);
        String inner = colon < 0 ? "" : rest.substring(colon + 1);
        if (file.isEmpty()) {
            throw QualifiedName.malformed(text, "a path is missing after " + transport.prefix());
        }
        try {
            return new InFile(text, transport, files.apply(file).normalize(), inner);
        } catch (InvalidPathException e) {
            throw new FcvmException(Kind.USAGE, "\"%s\" is no path: %s".formatted(file, e.getReason()), e);
        }
    }

    /** Returns what skopeo takes for an image in a file, with an absolute path. */
    static String source(InFile file) {
        return file.transport().prefix()
                + RawPaths.text(file.path())
                + (file.inner().isEmpty() ? "" : ":" + file.inner());
    }

    /** Returns the short name's digits when they may be the beginning of an image's id. */
    static Optional<String> idPrefix(ShortName reference) {
        String text = reference.text();
        return Names.ID_PREFIX.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }

    /** Patterns of names. */
    final class Names {
        static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
        static final Pattern ID_PREFIX = Pattern.compile("[0-9a-f]{3,63}");

        private Names() {}
    }
}
