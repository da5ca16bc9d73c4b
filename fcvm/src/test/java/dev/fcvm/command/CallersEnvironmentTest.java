package dev.fcvm.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The launcher changes for Java what the caller has set for others, and says what it was. */
class CallersEnvironmentTest {

    @Test
    void shouldBeWhatItWasBeforeTheLauncher() {
        assertThat(ProcessContext.callersEnvironment(
                        Map.of("LC_ALL", "C.UTF-8", "FCVM_CALLER_LC_ALL", "POSIX", "A", "b")))
                .isEqualTo(Map.of("LC_ALL", "POSIX", "A", "b"));
        assertThat(ProcessContext.callersEnvironment(Map.of("LC_ALL", "C.UTF-8", "FCVM_CALLER_LC_ALL", "")))
                .isEmpty();
    }

    @Test
    void shouldHaveTheOptionsOfTheCallersOwnJavaAgain() {
        assertThat(ProcessContext.callersEnvironment(Map.of(
                        "FCVM_CALLER_LC_ALL",
                        "",
                        "FCVM_CALLER_JAVA_TOOL_OPTIONS",
                        "-Da=b",
                        "FCVM_CALLER__JAVA_OPTIONS",
                        "")))
                .isEqualTo(Map.of("JAVA_TOOL_OPTIONS", "-Da=b", "_JAVA_OPTIONS", ""));
    }

    @Test
    void shouldStayWhereNoLauncherWas() {
        Map<String, String> own = Map.of("LC_ALL", "de_DE.UTF-8");
        assertThat(ProcessContext.callersEnvironment(own)).isEqualTo(own);
    }
}
