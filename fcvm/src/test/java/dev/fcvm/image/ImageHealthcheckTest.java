package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageHealthcheckTest {

    static Stream<Arguments> tests() {
        return Stream.of(
                Arguments.of(List.of(), List.of()),
                Arguments.of(List.of("NONE"), List.of()),
                Arguments.of(List.of("CMD"), List.of()),
                Arguments.of(List.of("WHAT", "x"), List.of()),
                Arguments.of(List.of("CMD", "/up"), List.of("--health-cmd=CMD /up")),
                Arguments.of(List.of("CMD", "/it's up"), List.of("--health-cmd=[\"'/it'\\\\''s up'\"]")),
                Arguments.of(
                        List.of("CMD", "curl", "-f", "a \"b\""),
                        List.of("--health-cmd=[\"curl\",\"-f\",\"a \\\"b\\\"\"]")),
                Arguments.of(
                        List.of("CMD-SHELL", "a || exit 1\n"),
                        List.of("--health-cmd=[\"CMD-SHELL\",\"a || exit 1\\n\"]")));
    }

    @ParameterizedTest
    @MethodSource("tests")
    void shouldTellPodmanTheCommandWhicheverFormItHas(List<String> test, List<String> options) {
        assertThat(new ImageHealthcheck(test, 0, 0, 0, 0).options()).isEqualTo(options);
    }

    @Test
    void shouldTellPodmanTheTimesAndBoundThem() {
        var check = new ImageHealthcheck(List.of("CMD", "x"), 1, 2_500_000_000L, Long.MAX_VALUE, 7);
        assertThat(check.options())
                .containsExactly(
                        "--health-cmd=CMD x",
                        "--health-interval=1000ms",
                        "--health-timeout=2500ms",
                        "--health-start-period=31536000000ms",
                        "--health-retries=7");
        assertThat(new ImageHealthcheck(List.of("CMD", "x"), -1, -1, -1, -1).options())
                .containsExactly("--health-cmd=CMD x");
    }
}
