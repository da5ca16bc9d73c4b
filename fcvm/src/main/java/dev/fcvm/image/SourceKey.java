package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.text.RawText;
import dev.fcvm.image.ImageReference.InFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Tells whether a file still holds the image that was made of it. */
final class SourceKey {

    private static final int LARGEST_INDEX = 4 << 20;

    private SourceKey() {}

    /**
     * Returns 64 hexadecimal digits for an image in a file or a directory, which are others when it changes: an
     * archive's by its size, number and time, a directory's by the file at its top, which names all else by digest.
     *
     * @throws FcvmException when it is not there or may not be read
     */
    static String of(InFile reference, Platform wanted) throws FcvmException {
        Path path = reference.path();
        try {
            String state = switch (reference.transport()) {
                case OCI_ARCHIVE, DOCKER_ARCHIVE -> archive(reference);
                case OCI -> top(path.resolve("index.json"));
                case DIR -> top(path.resolve("manifest.json"));
            };
            String all = ImageReference.source(reference) + "\n" + wanted + "\n" + state;
            return Skopeo.sha256(RawText.encode(all));
        } catch (NoSuchFileException e) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "cannot get %s: there is no %s: check the path".formatted(reference.text(), e.getFile()),
                    e);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot get %s: it cannot be read (%s): check its permissions"
                            .formatted(reference.text(), e.getMessage()),
                    e);
        }
    }

    private static String archive(InFile reference) throws IOException, FcvmException {
        BasicFileAttributes attributes = Files.readAttributes(reference.path(), BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot get %s: it is a directory: give oci:DIRECTORY or dir:DIRECTORY"
                            .formatted(reference.text()));
        }
        return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    }

    private static String top(Path file) throws IOException, FcvmException {
        if (Files.size(file) > LARGEST_INDEX) {
            throw new FcvmException(
                    Kind.IMAGE, "cannot get %s: %s is far too large: make it anew".formatted(file.getParent(), file));
        }
        return Skopeo.sha256(Files.readAllBytes(file));
    }
}
