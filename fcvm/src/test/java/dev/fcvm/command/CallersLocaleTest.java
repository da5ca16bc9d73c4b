package dev.fcvm.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The launcher makes the locale one of UTF-8 for Java, and says what it was. */
class CallersLocaleTest {

    @Test
    void shouldBeWhatItWasBeforeTheLauncher() {
        assertThat(ProcessContext.callersEnvironment(
                        Map.of("LC_ALL", "C.UTF-8", "FCVM_CALLER_LC_ALL", "POSIX", "A", "b")))
                .isEqualTo(Map.of("LC_ALL", "POSIX", "A", "b"));
        assertThat(ProcessContext.callersEnvironment(Map.of("LC_ALL", "C.UTF-8", "FCVM_CALLER_LC_ALL", "")))
                .isEmpty();
    }

    @Test
    void shouldStayWhereNoLauncherWas() {
        Map<String, String> own = Map.of("LC_ALL", "de_DE.UTF-8");
        assertThat(ProcessContext.callersEnvironment(own)).isEqualTo(own);
    }
}
