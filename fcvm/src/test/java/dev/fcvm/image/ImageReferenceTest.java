package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference.ById;
import dev.fcvm.image.ImageReference.InEngine;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.ImageReference.Registry;
import dev.fcvm.image.ImageReference.ShortName;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "docker.io/library/alpine:3, docker.io/library/alpine:3",
        "docker.io/alpine, docker.io/library/alpine:latest",
        "index.docker.io/alpine, docker.io/library/alpine:latest",
        "docker://alpine, docker.io/library/alpine:latest",
        "docker://quay.io/a/b:c, quay.io/a/b:c",
        "localhost:5000/a:b, localhost:5000/a:b",
        "localhost/a, localhost/a:latest",
        "[::1]:5000/a, [::1]:5000/a:latest",
        "registry.example.com/a/b/c/d__e-f.g:V1.0-x_y, registry.example.com/a/b/c/d__e-f.g:V1.0-x_y",
    })
    void shouldReadFullNames(String text, String name) throws Exception {
        assertThat(ImageReference.parse(text, Path.of("/home/ann")::resolve))
                .isInstanceOfSatisfying(
                        Registry.class, read -> assertThat(read.name()).hasToString(name));
    }

    @Test
    void shouldLetTheDigestCountWhereThereIsATagAsWell() throws Exception {
        Registry read = (Registry) ImageReference.parse("quay.io/a/b:tag@sha256:" + HEX, Path.of("/home/ann")::resolve);

        assertThat(read.name()).hasToString("quay.io/a/b@sha256:" + HEX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alpine", "alpine:3", "a/b", "abc", "library/alpine", "deadbeef"})
    void shouldLeaveShortNamesToTheConfiguration(String text) throws Exception {
        assertThat(ImageReference.parse(text, Path.of("/home/ann")::resolve)).isInstanceOf(ShortName.class);
    }

    @Test
    void shouldTakeHexadecimalDigitsAlsoForTheBeginningOfAnId() throws Exception {
        assertThat(ImageReference.idPrefix((ShortName) ImageReference.parse("deadbeef", Path.of("/home/ann")::resolve)))
                .hasValue("deadbeef");
        assertThat(ImageReference.idPrefix(
                        (ShortName) ImageReference.parse("deadbeef:1", Path.of("/home/ann")::resolve)))
                .isEmpty();
        assertThat(ImageReference.idPrefix((ShortName) ImageReference.parse("ab", Path.of("/home/ann")::resolve)))
                .isEmpty();
    }

    @Test
    void shouldReadIds() throws Exception {
        assertThat(ImageReference.parse(HEX, Path.of("/home/ann")::resolve)).isEqualTo(new ById(HEX, HEX));
        assertThat(ImageReference.parse("sha256:" + HEX, Path.of("/home/ann")::resolve))
                .isEqualTo(new ById("sha256:" + HEX, HEX));
    }

    @ParameterizedTest
    @CsvSource({
        "oci-archive:/a/b.tar, /a/b.tar, ''",
        "oci-archive:/a/b.tar:name:tag, /a/b.tar, name:tag",
        "docker-archive:/a/b.tar:name:tag, /a/b.tar, name:tag",
        "docker-archive:/a/../b.tar, /b.tar, ''",
        "oci:/a:1, /a, 1",
        "dir:/a:1, /a:1, ''"
    })
    void shouldReadFilesAsSkopeoDoes(String text, Path path, String inner) throws Exception {
        assertThat(ImageReference.parse(text, Path.of("/home/ann")::resolve))
                .isInstanceOfSatisfying(InFile.class, read -> {
                    assertThat(read.path()).isEqualTo(path);
                    assertThat(read.inner()).isEqualTo(inner);
                    assertThat(ImageReference.source(read)).startsWith(text.substring(0, text.indexOf(':') + 1) + path);
                });
    }

    @Test
    void shouldTakeARelativePathFromWhereTheCallerIs() throws Exception {
        InFile read = (InFile) ImageReference.parse("oci:here", Path.of("/home/ann")::resolve);

        assertThat(read.path()).isEqualTo(Path.of("/home/ann/here"));
    }

    @ParameterizedTest
    @CsvSource({
        "containers-storage:localhost/a:1, localhost/a:1",
        "containers-storage:[overlay@/a+/b]localhost/a:1, localhost/a:1",
        "containers-storage:@0123, @0123",
        "docker-daemon:alpine:3, alpine:3"
    })
    void shouldReadNamesInOtherEngines(String text, String name) throws Exception {
        assertThat(ImageReference.parse(text, Path.of("/home/ann")::resolve))
                .isInstanceOfSatisfying(
                        InEngine.class, read -> assertThat(read.name()).isEqualTo(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "Upper/Case",
                "quay.io/Upper",
                "a:",
                "a:-tag",
                "a/",
                "/a",
                "a//b",
                "a..b",
                "../a",
                "quay.io/../../etc/passwd",
                "quay.io/a/..",
                "a@sha256:abc",
                "a@",
                "a@md5:0123",
                "a@sha256:../../../../../../../../../../../../../../../../../../../../../etc",
                "a:b:c",
                "no-such-transport:x:y",
                "docker://",
                "docker://-a",
                "-.example/a",
                "oci:",
                "oci-archive::name",
                "dir:",
                "containers-storage:",
                "docker-daemon:",
                "quay.io:123456/a",
                "a\u001b[31m",
                "a\nb"
            })
    void shouldRefuseWhatIsNoReferenceInOneLine(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text, Path.of("/home/ann")::resolve))
                .isInstanceOf(FcvmException.class)
                .hasMessageMatching("\\P{Cntrl}+");
    }

    @Test
    void shouldRefuseANameThatIsTooLong() throws Exception {
        String longest = "quay.io/" + "a".repeat(247);

        assertThat(ImageReference.parse(longest, Path.of("/home/ann")::resolve)).isInstanceOf(Registry.class);
        assertThatThrownBy(() -> ImageReference.parse(longest + "a", Path.of("/home/ann")::resolve))
                .isInstanceOf(FcvmException.class);
        assertThatThrownBy(() -> ImageReference.parse("a/".repeat(100_000) + "a", Path.of("/home/ann")::resolve))
                .isInstanceOf(FcvmException.class)
                .message()
                .hasSizeLessThan(500);
        assertThatThrownBy(() -> ImageReference.parse("quay.io/a:" + "t".repeat(129), Path.of("/home/ann")::resolve))
                .isInstanceOf(FcvmException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"./i.tar", "/x/i.tar", "../i.tar", "~/i.tar"})
    void shouldSayWhatToWriteForAFile(String file) {
        assertThatThrownBy(() -> ImageReference.parse(file, Path.of("/home/ann")::resolve))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("docker-archive:" + file)
                .hasMessageContaining("oci-archive:" + file);
    }

    @Test
    void shouldSayWhatToWriteForADirectory() {
        assertThatThrownBy(() -> ImageReference.parse("/usr", Path.of("/home/ann")::resolve))
                .hasMessageContaining("oci:/usr");
    }
}
