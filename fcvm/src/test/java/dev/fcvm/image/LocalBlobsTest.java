package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.RawManifest.Descriptor;
import dev.fcvm.image.Skopeo.Inspected;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBlobsTest {

    private static final String MANIFEST = "{}";
    private static final String CONFIG = "{\"os\":\"linux\"}";
    private static final String LAYER = "a layer";

    @TempDir
    Path directory;

    @Test
    void shouldGiveLayersOneMoreNameInsteadOfCopyingThem() throws Exception {
        Path layer = image();
        Path fetched = directory.resolve("fetched");

        assertThat(blobs().isPossible()).isTrue();
        assertThat(blobs().linkInto(fetched)).isTrue();

        assertThat(Files.isSameFile(fetched.resolve(digest(LAYER)), layer)).isTrue();
        assertThat(fetched.resolve(digest(CONFIG))).hasContent(CONFIG);
        assertThat(Files.isSameFile(fetched.resolve(digest(CONFIG)), layer.resolveSibling(digest(CONFIG))))
                .isFalse();
        assertThat(fetched.resolve("manifest.json")).hasContent(MANIFEST);
        assertThat(fetched.resolve("version")).exists();
    }

    @Test
    void shouldLeaveToSkopeoWhatIsNotAsTheManifestSaysOrMayNotBeReadByEverybody() throws Exception {
        Path layer = image();
        Files.writeString(layer, "longer than it should be");
        shouldLeaveIt();

        Files.delete(layer);
        shouldLeaveIt();

        Files.createSymbolicLink(layer, Path.of("/dev/null"));
        shouldLeaveIt();

        Files.delete(layer);
        Files.writeString(layer, LAYER);
        Files.setPosixFilePermissions(layer, PosixFilePermissions.fromString("rw-------"));
        shouldLeaveIt();

        Files.setPosixFilePermissions(layer, PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(layer.resolveSibling(digest(CONFIG)), "{\"os\":\"xinul\"}");
        shouldLeaveIt();
    }

    private void shouldLeaveIt() throws Exception {
        Path fetched = directory.resolve("fetched");

        assertThat(blobs().linkInto(fetched)).isFalse();
        assertThat(fetched).isEmptyDirectory();
    }

    private Path image() throws Exception {
        Path blobs = Files.createDirectories(directory.resolve("image/blobs/sha256"));
        for (String content : List.of(MANIFEST, CONFIG, LAYER)) {
            Files.writeString(blobs.resolve(digest(content)), content);
        }
        return blobs.resolve(digest(LAYER));
    }

    private LocalBlobs blobs() throws Exception {
        var reference = (InFile) ImageReference.parse("oci:" + directory.resolve("image"), Path::of);
        var manifest = new RawManifest(2, null, descriptor(CONFIG), List.of(descriptor(LAYER), descriptor(LAYER)));
        return new LocalBlobs(reference, new Inspected("sha256:" + digest(MANIFEST), manifest));
    }

    private static Descriptor descriptor(String content) {
        return new Descriptor("sha256:" + digest(content), content.length(), null, null);
    }

    private static String digest(String content) {
        return Skopeo.sha256(content.getBytes(StandardCharsets.UTF_8));
    }
}
