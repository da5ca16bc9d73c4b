package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.process.CallerLimits.Limit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallerLimitsTest {

    private static final CallerLimits SUPERVISORS =
            new CallerLimits(0, "f", Map.of("nofile", new Limit(4096, 4096), "memlock", new Limit(-1, -1)));

    @Test
    void shouldSayNothingWhereTheCallerHasWhatTheSupervisorHas() {
        assertThat(SUPERVISORS.wordsBelow(SUPERVISORS, false)).isEmpty();
    }

    @Test
    void shouldGiveAProcessLessWhereTheCallerHasLess() {
        var callers =
                new CallerLimits(5, "3", Map.of("nofile", new Limit(1024, 4096), "memlock", new Limit(65536, -1)));

        assertThat(callers.wordsBelow(SUPERVISORS, false))
                .containsExactly(
                        "nice",
                        "-n",
                        "5",
                        "taskset",
                        "3",
                        "prlimit",
                        "--memlock=65536:unlimited",
                        "--nofile=1024:4096");
    }

    @Test
    void shouldGiveWayToEverythingWhereNobodyWaits() throws Exception {
        var words = new CompletableFuture<List<String>>();
        Thread.ofVirtual().start(() -> {
            CallerEnvironment.workBehind();
            words.complete(CallerLimits.words());
        });

        assertThat(words.get()).containsExactly("nice", "-n", "19");
    }

    @Test
    void shouldRaiseNothingButForRoot() {
        var callers = new CallerLimits(-5, "f", Map.of("nofile", new Limit(9999, 9999), "memlock", new Limit(-1, -1)));

        assertThat(callers.wordsBelow(SUPERVISORS, false)).isEmpty();
        assertThat(callers.wordsBelow(SUPERVISORS, true))
                .containsExactly("nice", "-n", "-5", "prlimit", "--nofile=9999:9999");
    }

    @Test
    void shouldReadThemOfAProcessThatRuns() throws Exception {
        CallerLimits own = CallerLimits.read(Path.of("/proc/self"));

        assertThat(own.nice()).isBetween(-20, 19);
        assertThat(own.processors()).matches("[0-9a-f]+");
        assertThat(own.limits()).containsKeys("nofile", "memlock", "fsize", "as");
    }
}
