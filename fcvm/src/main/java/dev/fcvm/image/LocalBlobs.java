package dev.fcvm.image;

import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.ImageReference.Transport;
import dev.fcvm.image.Skopeo.Inspected;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * An image in a directory, whose layers need not be copied to be unpacked: on the same file system each gets one more name
 * in the work directory. skopeo checks their digests when it unpacks them, as it does of those it has fetched.
 *
 * @param reference the directory
 * @param inspected the image's manifest
 */
record LocalBlobs(InFile reference, Inspected inspected) {

    private static final int LARGEST_CONFIG = 8 << 20;
    private static final String SHA256 = "sha256:";

    /** Returns whether the image is one whose blobs lie there as files. */
    boolean isPossible() {
        return (reference.transport() == Transport.OCI || reference.transport() == Transport.DIR)
                && inspected.manifest().imageId().isPresent()
                && blobs().stream().allMatch(blob -> blob.digest().startsWith(SHA256));
    }

    private List<RawManifest.Descriptor> blobs() {
        List<RawManifest.Descriptor> all = new ArrayList<>();
        if (inspected.manifest().config() != null) {
            all.add(Objects.requireNonNull(inspected.manifest().config()));
        }
        if (inspected.manifest().layers() != null) {
            all.addAll(Objects.requireNonNull(inspected.manifest().layers()));
        }
        return all;
    }

    /**
     * Makes a {@code dir:} of skopeo's.
     *
     * @param directory is made; where this returns false, nothing is in it
     * @return false when it cannot be done this way: another file system, or files that not everybody may read
     */
    boolean linkInto(Path directory) throws IOException {
        Files.createDirectories(directory);
        try {
            if (link(directory)) {
                return true;
            }
        } catch (IOException | UnsupportedOperationException otherWay) {
            clear(directory); // skopeo copies them, or says what is wrong with them
            return false;
        }
        clear(directory);
        return false;
    }

    private boolean link(Path directory) throws IOException {
        Path root = reference.path();
        boolean oci = reference.transport() == Transport.OCI;
        Path blobs = oci ? root.resolve("blobs/sha256") : root;
        byte[] manifest = StrangersFile.read(
                oci ? blobs.resolve(hex(inspected.digest())) : root.resolve("manifest.json"), Skopeo.LARGEST_MANIFEST);
        if (!inspected.digest().equals(SHA256 + Skopeo.sha256(manifest))) {
            return false;
        }
        for (RawManifest.Descriptor blob : blobs()) {
            Path file = blobs.resolve(hex(blob.digest())).toRealPath();
            Path name = directory.resolve(hex(blob.digest()));
            var attributes = Files.readAttributes(file, PosixFileAttributes.class);
            if (!attributes.isRegularFile()
                    || attributes.size() != blob.size()
                    || !attributes.permissions().contains(PosixFilePermission.OTHERS_READ)) {
                return false;
            }
            if (!Files.exists(name)) { // the same layer twice is one file
                Files.createLink(name, file);
            }
        }
        // Read here, not by skopeo alone: so it is a copy that was checked.
        Path config = directory.resolve(inspected.manifest().imageId().orElseThrow());
        byte[] content = StrangersFile.read(config, LARGEST_CONFIG);
        if (!config.endsWith(Skopeo.sha256(content))) {
            return false;
        }
        Files.delete(config);
        Files.write(config, content);
        Files.write(directory.resolve("manifest.json"), manifest);
        Files.writeString(directory.resolve("version"), "Directory Transport Version: 1.1\n");
        return true;
    }

    private static String hex(String digest) {
        return digest.substring(SHA256.length());
    }

    private static void clear(Path directory) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            for (Path name : names) {
                Files.delete(name);
            }
        }
    }
}
