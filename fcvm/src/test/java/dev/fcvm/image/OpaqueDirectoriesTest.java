package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OpaqueDirectoriesTest {

    @Test
    void shouldKeepNamesByteByByte() {
        OpaqueDirectories found = read("# file: /store/overlay/l/diff/a b\n\n# file: /store/overlay/l/\303(\n");

        assertThat(found.lines())
                .containsExactly(
                        "ea_set \"/overlay/l/diff/a b\" trusted.overlay.opaque y",
                        "ea_set \"/overlay/l/\303(\" trusted.overlay.opaque y");
        assertThat(found.requests()).isEmpty();
    }

    @Test
    void shouldPutNamesWithALineEndWhereTheyDoNotEndACommand() {
        OpaqueDirectories found = read("# file: /store/overlay/a\\012rm /b\\134\"c\n");

        assertThat(found.lines()).isEmpty();
        assertThat(found.requests()).isEqualTo("ea_set \"/overlay/a\nrm /b\\\"\"c\" trusted.overlay.opaque y\0");
    }

    private static OpaqueDirectories read(String output) {
        return OpaqueDirectories.of(output.getBytes(StandardCharsets.ISO_8859_1), "/store");
    }
}
