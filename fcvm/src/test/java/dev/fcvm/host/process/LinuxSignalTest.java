package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LinuxSignalTest {

    @Test
    void shouldHaveTheNumbersTheShellHas() throws Exception {
        for (LinuxSignal signal : LinuxSignal.values()) {
            Process kill = new ProcessBuilder("kill", "-l", signal.name()).start();
            assertThat(new String(kill.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo(signal.number() + "\n");
            assertThat(LinuxSignal.of(signal.number())).contains(signal);
        }
        assertThat(LinuxSignal.of(9)).isEmpty();
    }

    @Test
    void shouldMaskExactlyTheSignalsTheLauncherBlocks() {
        assertThat(LinuxSignal.mask()).isEqualTo(0x4a07);
    }
}
