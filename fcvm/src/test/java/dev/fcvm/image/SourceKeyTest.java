package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.ImageReference.InFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceKeyTest {

    private static final Platform WANTED = new Platform("amd64", "");

    @TempDir
    Path directory;

    @Test
    void shouldBeTheSameUntilAnArchiveChanges() throws Exception {
        Path file = Files.writeString(directory.resolve("a.tar"), "one");
        String before = key("oci-archive:" + file);

        assertThat(before).matches("[0-9a-f]{64}").isEqualTo(key("oci-archive:" + file));
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        String touched = key("oci-archive:" + file);
        assertThat(touched).isNotEqualTo(before);
        Files.writeString(file, "longer");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertThat(key("oci-archive:" + file)).isNotEqualTo(touched);
    }

    @Test
    void shouldBeAnotherForAFileThatTookItsPlace() throws Exception {
        Path file = Files.writeString(directory.resolve("a.tar"), "one");
        Path other = Files.writeString(directory.resolve("b.tar"), "two");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        Files.setLastModifiedTime(other, FileTime.fromMillis(1));
        String before = key("oci-archive:" + file);

        Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThat(key("oci-archive:" + file)).isNotEqualTo(before);
    }

    @Test
    void shouldTellFormsNamesAndPlatformsApart() throws Exception {
        Path file = Files.writeString(directory.resolve("a.tar"), "one");

        assertThat(key("oci-archive:" + file))
                .isNotEqualTo(key("docker-archive:" + file))
                .isNotEqualTo(key("oci-archive:" + file + ":name"))
                .isNotEqualTo(SourceKey.of(reference("oci-archive:" + file), new Platform("arm64", "")));
    }

    @Test
    void shouldKnowADirectoryByTheFileAtItsTop() throws Exception {
        Files.writeString(directory.resolve("index.json"), "{}");
        Files.writeString(directory.resolve("manifest.json"), "{}");
        String oci = key("oci:" + directory);
        String dir = key("dir:" + directory);

        Files.writeString(directory.resolve("index.json"), "{ }");

        assertThat(key("oci:" + directory)).isNotEqualTo(oci);
        assertThat(key("dir:" + directory)).isEqualTo(dir);
    }

    @Test
    void shouldSayWhatIsNotThere() {
        for (String form : new String[] {"oci-archive:", "docker-archive:", "oci:", "dir:"}) {
            assertThatThrownBy(() -> key(form + directory.resolve("missing")))
                    .isInstanceOfSatisfying(
                            FcvmException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void shouldRefuseADirectoryWhereAFileIsMeantAndAFileWhereADirectoryIs() throws Exception {
        Path file = Files.writeString(directory.resolve("a.tar"), "one");

        assertThatThrownBy(() -> key("oci-archive:" + directory)).hasMessageContaining("it is a directory");
        assertThatThrownBy(() -> key("oci:" + file)).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldRefuseAnIndexThatIsFarTooLarge() throws Exception {
        try (var index =
                new java.io.RandomAccessFile(directory.resolve("index.json").toFile(), "rw")) {
            index.setLength(1L << 40);
        }

        assertThatThrownBy(() -> key("oci:" + directory)).hasMessageContaining("far too large");
    }

    private static String key(String reference) throws FcvmException {
        return SourceKey.of(reference(reference), WANTED);
    }

    private static InFile reference(String text) throws FcvmException {
        return (InFile) ImageReference.parse(text, Path::of);
    }
}
