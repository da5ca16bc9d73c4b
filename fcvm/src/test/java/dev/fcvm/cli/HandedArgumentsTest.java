package dev.fcvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandedArgumentsTest {

    @Test
    void shouldBeTheArgumentsByteForByte() {
        assertThat(decode("3:run,0:,8:grüße,,12:two\nlines:4,,\n"))
                .containsExactly("run", "", "grüße,", "two\nlines:4,");
    }

    @Test
    void shouldBeNoneWhereNoneWereGiven() {
        assertThat(decode("\n")).isEmpty();
    }

    private static String[] decode(String text) {
        return HandedArguments.decode(text.getBytes(UTF_8));
    }
}
