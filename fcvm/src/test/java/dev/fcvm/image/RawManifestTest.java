package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawManifestTest {

    private static final String INDEX = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
             {"digest":"%s","size":1,"platform":{"os":"unknown","architecture":"unknown"}},
             {"digest":"%s","size":1,"platform":{"os":"windows","architecture":"amd64","os.version":"10"}},
             {"digest":"%s","size":1,"platform":{"os":"linux","architecture":"amd64"}},
             {"digest":"%s","size":1,"platform":{"os":"linux","architecture":"arm","variant":"v6"}},
             {"digest":"%s","size":1,"platform":{"os":"linux","architecture":"arm","variant":"v7"}}]}
            """.formatted(digest(0), digest(1), digest(2), digest(3), digest(4));

    @ParameterizedTest
    @CsvSource({"linux/amd64, 2", "amd64, 2", "x86_64, 2", "linux/arm, 3", "linux/arm/v7, 4"})
    void shouldChooseWhatIsForThePlatform(String platform, int which) throws Exception {
        RawManifest index = parse(INDEX);

        assertThat(index.isIndex()).isTrue();
        assertThat(index.select(Platform.parse(platform))).hasValue(digest(which));
    }

    @Test
    void shouldSayWhatThereIsWhenThereIsNothingForThePlatform() throws Exception {
        RawManifest index = parse(INDEX);

        assertThat(index.select(Platform.parse("linux/riscv64"))).isEmpty();
        assertThat(index.select(Platform.parse("linux/arm/v8"))).isEmpty();
        assertThat(index.platforms()).containsExactly("windows/amd64", "linux/amd64", "linux/arm/v6", "linux/arm/v7");
    }

    @Test
    void shouldTakeOneThatNamesNoPlatformForAny() throws Exception {
        RawManifest index =
                parse("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":1}]}".formatted(digest(7)));

        assertThat(index.select(Platform.parse("linux/riscv64"))).hasValue(digest(7));
    }

    @Test
    void shouldNotShowATerminalWhatAStrangerWrote() throws Exception {
        RawManifest index = parse("""
                {"schemaVersion":2,"manifests":[{"digest":"%s","size":1,
                 "platform":{"os":"\\u001b[2Jlinux\\n","architecture":"%s"}}]}
                """.formatted(digest(0), "x".repeat(100_000)));

        assertThat(index.platforms())
                .singleElement()
                .asString()
                .hasSizeLessThan(50)
                .matches("[\\w./?-]+");
    }

    @Test
    void shouldKnowTheIdAndTheSizeOfAnImage() throws Exception {
        RawManifest manifest = parse("""
                {"schemaVersion":2,"config":{"digest":"%s","size":10},
                 "layers":[{"digest":"%s","size":100},{"digest":"%s","size":1000}]}
                """.formatted(digest(10), digest(1), digest(2)));

        assertThat(manifest.isIndex()).isFalse();
        assertThat(manifest.imageId()).hasValue(digest(10).substring("sha256:".length()));
        assertThat(manifest.bytes()).isEqualTo(1110);
        assertThat(manifest.layerCount()).isEqualTo(2);
    }

    @Test
    void shouldNotBeFooledBySizesThatOverflow() throws Exception {
        RawManifest manifest = parse("""
                {"schemaVersion":2,"config":{"digest":"%s","size":9223372036854775807},
                 "layers":[{"digest":"%s","size":9223372036854775807},{"digest":"%s","size":2}]}
                """.formatted(digest(1), digest(2), digest(3)));

        assertThat(manifest.bytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldHaveNoIdWhenThereIsNoConfiguration() throws Exception {
        assertThat(parse("{\"schemaVersion\":1,\"name\":\"a\",\"fsLayers\":[]}").imageId())
                .isEqualTo(Optional.empty());
        assertThat(parse("{\"schemaVersion\":1}").schemaVersion()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "1",
                "\"text\"",
                "{",
                "<html>",
                "{\"manifests\":[null]}",
                "{\"manifests\":{}}",
                "{\"layers\":[{}]}",
                "{\"layers\":[{\"digest\":null,\"size\":1}]}",
                "{\"config\":{\"digest\":\"sha256:../../../etc\",\"size\":1}}",
                "{\"manifests\":[{\"digest\":\"../../../../etc/passwd\",\"size\":1}]}",
                "{\"manifests\":[{\"digest\":\"sha256:0\",\"size\":\"many\"}]}"
            })
    void shouldRefuseWhatIsNoManifestInOneLine(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("cannot get the image: its manifest is damaged");
    }

    @Test
    void shouldRefuseANegativeSize() {
        assertThatThrownBy(() -> parse("{\"config\":{\"digest\":\"%s\",\"size\":-1}}".formatted(digest(0))))
                .isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldNotRunOutOfStack() {
        assertThatThrownBy(() -> parse("{\"x\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + "}"))
                .isInstanceOf(FcvmException.class);
        assertThatThrownBy(() -> parse("{\"x\":".repeat(100_000))).isInstanceOf(FcvmException.class);
    }

    private static RawManifest parse(String text) throws FcvmException {
        return Skopeo.parse(text, "the image");
    }

    static String digest(int number) {
        return "sha256:" + "%064x".formatted(number);
    }
}
