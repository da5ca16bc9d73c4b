package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import io.avaje.jsonb.Jsonb;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawImageTest {

    @Test
    void shouldReadWhatAnImageSaysOfItsContainer() throws Exception {
        RawImage image = parse("""
                {"architecture":"arm64","variant":"v8","os":"linux","created":"2024-02-03T04:05:06.789+01:00",
                 "config":{"Entrypoint":["/e"],"Cmd":["a","b"],"Env":["A=b"],"WorkingDir":"/w","User":"u:g",
                  "ExposedPorts":{"80/tcp":{},"443/tcp":{"x":1}},"Volumes":{"/v":{}},"StopSignal":"SIGQUIT",
                  "Labels":{"l":"v","empty":null},"OnBuild":null,"Healthcheck":{"Test":["NONE"]}},
                 "rootfs":{"type":"layers","diff_ids":[]},"history":[{"created":"x"}]}
                """);

        assertThat(image.createdSeconds(Instant.EPOCH)).isEqualTo(1706929506);
        assertThat(image.architecture()).isEqualTo("arm64");
        assertThat(image.toConfig())
                .isEqualTo(new ImageConfig(
                        List.of("/e"),
                        List.of("a", "b"),
                        List.of("A=b"),
                        "/w",
                        "u:g",
                        List.of("443/tcp", "80/tcp"),
                        List.of("/v"),
                        "SIGQUIT",
                        Map.of("l", "v", "empty", ""),
                        new ImageHealthcheck(List.of("NONE"), 0, 0, 0, 0)));
    }

    /** Names with the same hash code: what is made of them must not take time by the square of their number. */
    @Test
    void shouldTakeAsManyLabelsAsThereMayBeHoweverTheyAreCalled() {
        Map<String, String> labels = new HashMap<>();
        for (int number = 0; number < 1 << 17; number++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 17; bit++) {
                name.append((number >> bit & 1) == 0 ? "Aa" : "BB");
            }
            labels.put(name.toString(), "");
        }

        assertThat(new ImageConfig(List.of(), List.of(), List.of(), "", "", List.of(), List.of(), "", labels, null)
                        .labels())
                .hasSize(1 << 17);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"config\":null}",
                "{\"config\":{\"Env\":null,\"Labels\":null,\"Volumes\":null,\"Cmd\":null}}",
                "{\"created\":\"long ago\"}"
            })
    void shouldTakeWhatIsNotSaidForEmpty(String text) throws Exception {
        RawImage image = parse(text);

        assertThat(image.createdSeconds(Instant.ofEpochSecond(77))).isEqualTo(77);
        assertThat(image.toConfig())
                .isEqualTo(new ImageConfig(
                        List.of(), List.of(), List.of(), "", "", List.of(), List.of(), "", Map.of(), null));
    }

    @Test
    void shouldTakeAnImageWithLongLabelsAsBuildpacksMakeThem() throws Exception {
        String value = "{\\\"layer\\\":\\u00e9}".repeat(20_000);

        RawImage image =
                parse("{\"config\":{\"Labels\":{\"long\":\"%s\",\"short\":\"kept\"},\"User\":\"u\"}}".formatted(value));

        assertThat(image.toConfig().labels()).containsEntry("short", "kept");
        assertThat(image.toConfig().labels().get("long"))
                .startsWith("{\"layer\":é}{")
                .hasSizeLessThan(16 << 10);
        assertThat(image.toConfig().user()).isEqualTo("u");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{\"config\":[]}",
                "{\"config\":{\"Env\":[null]}}",
                "{\"config\":{\"Cmd\":\"not a list\"}}",
                "{\"config\":{\"Labels\":[]}}"
            })
    void shouldRefuseWhatIsNoConfiguration(String text) {
        assertThatThrownBy(() -> parse(text).toConfig()).isInstanceOf(MalformedJson.class);
    }

    private static RawImage parse(String text) throws MalformedJson {
        return UntrustedJson.read(Jsonb.instance().type(RawImage.class), text);
    }

    @Test
    void shouldCallAnImageNewThatSaysNothingOfItsAge() {
        Instant now = Instant.ofEpochSecond(1_800_000_000);
        var silent = new RawImage(null, null, null, "0001-01-01T00:00:00Z", null);
        var old = new RawImage(null, null, null, "0001-01-01T00:00:01Z", null);

        assertThat(silent.createdSeconds(now)).isEqualTo(1_800_000_000);
        assertThat(old.createdSeconds(now)).isNegative();
    }
}
