package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthFlagsTest {

    private static final List<String> IMAGE = List.of("--health-cmd=CMD /up", "--health-interval=5000ms");

    private static ContainerFlags flags(String given) {
        return new ContainerFlags(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                false,
                List.of(),
                List.of(),
                List.of(),
                false,
                Arrays.stream(given.split(" ")).filter(flag -> !flag.isEmpty()).toList(),
                List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "'', '--health-cmd=CMD /up --health-interval=5000ms', true",
        "--health-interval=1s, '--health-cmd=CMD /up', true",
        "--health-retries=1, '--health-cmd=CMD /up --health-interval=5000ms', true",
        "--health-cmd=mine, '', true",
        "--health-cmd=none, '', false",
        "--no-healthcheck=true, '', false",
        "--no-healthcheck=false, '--health-cmd=CMD /up --health-interval=5000ms', true",
    })
    void shouldCheckAsTheUserSaysAndElseAsTheImageDoes(String given, String ofImage, boolean checked) {
        var health = new HealthFlags(flags(given), IMAGE);
        assertThat(String.join(" ", health.ofImage())).isEqualTo(ofImage);
        assertThat(health.isChecked()).isEqualTo(checked);
    }

    @ParameterizedTest
    @CsvSource({
        "'', false",
        "--health-cmd=x, false",
        "--health-cmd=none, true",
        "--no-healthcheck=true, true",
        "--health-interval=disable, true",
    })
    void shouldKnowWhenNoCheckIsWanted(String given, boolean unwanted) {
        assertThat(new HealthFlags(flags(given), List.of()).isUnwanted()).isEqualTo(unwanted);
    }
}
