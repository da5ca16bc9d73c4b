package dev.fcvm.host.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent as JSON, reading it ends with a document or with one kind of complaint. */
final class UntrustedJsonTest {

    private static final JsonType<Object> ANY = Jsonb.instance().type(Object.class);

    @Test
    void shouldReadWhatIsInOrder() throws Exception {
        assertThat(UntrustedJson.read(ANY, "{\"a\":[1,\"two\"]}")).isInstanceOf(Map.class);
        String field = UntrustedJson.parse("{\"a\":1}", json -> {
            json.beginObject();
            return json.hasNextField() ? json.nextField() : "";
        });
        assertThat(field).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"a\":[", "[\"]\",", "[\"\\\"\","})
    void shouldRefuseWhatIsNestedWithoutEnd(String level) {
        String deep = level.repeat(1 << 20);
        assertThatThrownBy(() -> UntrustedJson.read(ANY, deep))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("levels deep");
        assertThatThrownBy(() -> UntrustedJson.parse(deep, json -> {
                    json.skipValue();
                    return "";
                }))
                .isInstanceOf(MalformedJson.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "}", "\"", "{\"a\":\"\\", "{\"a\":\"\\u12", "\0", "[1,2"})
    void shouldRefuseWhatIsNoDocument(String text) {
        assertThatThrownBy(() -> UntrustedJson.read(ANY, text)).isInstanceOf(MalformedJson.class);
    }

    @Test
    void shouldCutAStringThatIsTooLong() throws Exception {
        String text = "{\"a\":\"" + "x".repeat(1 << 20) + "\"}";
        assertThat(UntrustedJson.read(ANY, text))
                .isInstanceOfSatisfying(
                        Map.class,
                        map -> assertThat(String.valueOf(map.get("a"))).hasSizeBetween(1000, 32 << 10));
    }
}
