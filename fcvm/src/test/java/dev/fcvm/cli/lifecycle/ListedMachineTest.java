package dev.fcvm.cli.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.store.MachineView;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a list of machines says, and which it shows. */
class ListedMachineTest {

    private static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");

    private static ListedMachine machine(String name, String state, int code, String reason, String created) {
        var view = new MachineView(
                name.repeat(32).substring(0, 32),
                name,
                "docker.io/library/web:1",
                "sha256:1",
                List.of("serve", "-v"),
                created,
                state,
                code,
                reason,
                "2026-01-02T11:00:00Z",
                "2026-01-02T11:57:00Z",
                "qemu",
                "0123456789abcdef",
                List.of("127.0.0.1:8080->80/tcp"),
                "back",
                false,
                List.of("tier=web", "plain"),
                "");
        return new ListedMachine(view, NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "running | 0 | | Up 3 minutes",
                "exited | 3 | | Exited (3) About an hour ago",
                "exited | 137 | out of memory | Exited (137), OOM About an hour ago",
                "paused | 0 | | Paused",
                "paused | 0 | host disk full | Paused (host disk full)",
                "suspended | 0 | | Suspended",
                "suspended | 0 | no room | Suspended (not woken: no room)",
                "created | 0 | | Created",
                "booting | 0 | | Booting",
                "failed | 0 | no kernel | Failed: no kernel",
            })
    void shouldSayWhereItStandsAndSinceWhen(String state, int code, String reason, String status) {
        String why = reason == null ? "" : reason;
        assertThat(machine("a", state, code, why, "2026-01-01T00:00:00Z").status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name=^a | a",
                "name=a,name=c | a c",
                "id=bb | b",
                "status=exited | b c",
                "status=stopped | b c",
                "exited=7 | c",
                "status=exited,exited=0 | b",
                "label=tier | a b c",
                "label=tier=web,label=plain | a b c",
                "label=tier=web,label=other | ",
                "network=back,name=b | b",
                "ancestor=web,name=a | a",
                "ancestor=docker.io/library/web:1,name=a | a",
                "before=b | a",
                "since=b | c",
                "command=serve,name=c | c",
            })
    void shouldShowWhatTheFiltersTake(String flags, String names) throws Exception {
        List<ListedMachine> all = List.of(
                machine("a", "running", 0, "", "2026-01-01T00:00:00Z"),
                machine("b", "exited", 0, "", "2026-01-01T01:00:00Z"),
                machine("c", "exited", 7, "", "2026-01-01T02:00:00Z"));
        assertThat(ListFilter.parse(Arrays.asList(flags.split(",", -1))).of(all))
                .extracting(machine -> machine.view().name())
                .isEqualTo(names == null ? List.of() : Arrays.asList(names.split(" ", -1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing=1", "name", "=x", "status=asleep", "exited=x", "exited=-1", "name=("})
    void shouldRefuseFiltersThereAreNot(String flag) {
        assertThatThrownBy(() -> ListFilter.parse(List.of(flag)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--filter");
    }

    @Test
    void shouldHaveAHeadingForEachField() {
        assertThat(machine("a", "running", 0, "", "2026-01-01T00:00:00Z")
                        .fields(false)
                        .keySet())
                .isEqualTo(ListedMachine.HEADINGS.keySet());
    }
}
