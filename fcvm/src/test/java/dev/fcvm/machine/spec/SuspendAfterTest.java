package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SuspendAfterTest {

    @ParameterizedTest
    @CsvSource({"10m, 600", "1h30m, 5400", "90s, 90", "1h0m1s, 3601"})
    void shouldReadATime(String text, long seconds) throws Exception {
        assertThat(SuspendAfter.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "10", "-5m", "1m1h", "500ms", "ten minutes", "99999999999s"})
    void shouldRefuseWhatIsNone(String text) {
        assertThatThrownBy(() -> SuspendAfter.parse(text))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--suspend-after is \"" + text + "\"");
    }
}
