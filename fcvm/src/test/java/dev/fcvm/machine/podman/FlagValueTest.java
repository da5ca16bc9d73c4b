package dev.fcvm.machine.podman;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a flag's value before a machine is made for it. */
class FlagValueTest {

    private static final RunFlag EXPOSE = RunFlags.load().find("--expose").orElseThrow();

    @ParameterizedTest
    @ValueSource(
            strings = {"", "80", "080", "80/tcp", "53/UDP", "80/sctp", "8000-8010", "80-81/udp", "1-65535", "80,81"})
    void shouldTakePortsAsPodmanDoes(String ports) {
        assertThat(FlagValue.problem(EXPOSE, ports)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, got 0",
        "0-5, got 0",
        "65536, got 65536",
        "65535-65536, got 65536",
        "80-80, 80 is not higher than 80",
        "80-70, 70 is not higher than 80",
        "-1, must be a port or a range",
        "+80, must be a port or a range",
        "abc, must be a port or a range",
        "/tcp, must be a port or a range",
        "80/tcp/udp, must be a port or a range",
        "80:90, must be a port or a range",
        "'80,0', got 0"
    })
    void shouldRefusePortsThatPodmanRefuses(String ports, String why) {
        assertThat(FlagValue.problem(EXPOSE, ports).orElse("")).contains(why);
    }
}
