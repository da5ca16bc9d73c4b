package dev.fcvm.host.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What others wrote can be shown: a terminal obeys none of it, and people read what is there. */
final class PrintableTextTest {

    @Test
    void shouldLeaveWhatPeopleWrite() {
        assertThat(PrintableText.line("Grüße, 世界 🙂: 1 + 1 = 2")).isEqualTo("Grüße, 世界 🙂: 1 + 1 = 2");
    }

    @Test
    void shouldReplaceWhatATerminalObeysAndWhatHidesOrTurnsText() {
        assertThat(PrintableText.line("a\u001b[31mb\u0007\u009bc\u202ed\u200b\ud800e\u2028f\u0085\u2066g"))
                .isEqualTo("a\ufffd[31mb\ufffd\ufffdc\ufffdd\ufffd\ufffde\ufffdf\ufffd\ufffdg");
    }

    @Test
    void shouldBeOneLine() {
        assertThat(PrintableText.line("a\nb\tc\r")).isEqualTo("a b c\ufffd");
    }

    @Test
    void shouldSayThatThereIsMore() {
        assertThat(PrintableText.line("x".repeat(10), 10)).isEqualTo("x".repeat(10));
        assertThat(PrintableText.line("x".repeat(1000), 10)).isEqualTo("x".repeat(9) + "…");
        assertThat(PrintableText.line("xxxx🙂🙂", 6))
                .as("no half of a character")
                .isEqualTo("xxxx…");
        assertThat(PrintableText.line("", 10)).isEmpty();
    }

    @Test
    void shouldKeepLineEndsAndTabsOfATextOfSeveralLines() {
        assertThat(PrintableText.lines("a\n\tb")).isEqualTo("a\n\tb");
        assertThat(PrintableText.lines("a\r\n\u001b]0;b\u0007\u202e")).isEqualTo("a\ufffd\n\ufffd]0;b\ufffd\ufffd");
    }

    @Test
    void shouldLeaveJsonWhatItIsWithoutAnythingATerminalObeys() {
        assertThat(PrintableText.json("{\"ü\": \"a\u009b\u202e\ud800\udb40\udc01z\"}\n"))
                .isEqualTo("{\"ü\": \"a\\u009b\\u202e\\ud800\\udb40\\udc01z\"}\n");
    }
}
