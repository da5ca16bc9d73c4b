package dev.fcvm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuestTextTest {

    @Test
    void shouldLeaveOrdinaryTextAlone() {
        assertThat(GuestText.harmless("Grüße, 世界: 1 + 1 = 2", 100)).isEqualTo("Grüße, 世界: 1 + 1 = 2");
    }

    @Test
    void shouldReplaceEverythingATerminalObeys() {
        assertThat(GuestText.harmless("a\u001b[31mb\u0007\u009bc\u202ed\u200b\ud800e\u2028f", 100))
                .isEqualTo("a\ufffd[31mb\ufffd\ufffdc\ufffdd\ufffd\ufffde\ufffdf");
    }

    @Test
    void shouldMakeItOneLineOfBoundedLength() {
        assertThat(GuestText.harmless("a\nb\tc\r", 100)).isEqualTo("a b c\ufffd");
        assertThat(GuestText.harmless("x".repeat(1000), 10)).isEqualTo("x".repeat(9) + "…");
    }
}
