package dev.fcvm.cli.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.store.MachineView;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Podman's longer names, and which machines its prune means. */
class LongerNamesTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T12:00:00Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "container run alpine container ls, run alpine container ls",
        "--debug container ls -a, --debug ps -a",
        "container list, ps",
        "container ps -q, ps -q",
        "container inspect web, inspect --type=container web",
        "image inspect -f x y, inspect --type=image -f x y",
        "container exists web, container exists web",
        "container --help, container --help",
        "container, container",
        "system info --format json, info --format json",
        "system df, system df",
        "run container ls, run container ls",
        "image ls, image ls"
    })
    void shouldMeanTheCommandByItsShortName(String given, String meant) {
        assertThat(String.join(" ", LongerNames.shortened(given.split(" ", -1))))
                .isEqualTo(meant);
    }

    @Test
    void shouldPruneWhatAllFiltersTake() throws Exception {
        PruneFilter filter = PruneFilter.parse(List.of("until=1h", "label=a=1", "label!=b"), CLOCK);

        assertThat(filter.takes(view("2026-01-02T10:00:00Z", "a=1"))).isTrue();
        assertThat(filter.takes(view("2026-01-02T11:30:00Z", "a=1"))).isFalse();
        assertThat(filter.takes(view("2026-01-02T10:00:00Z", "a=2"))).isFalse();
        assertThat(filter.takes(view("2026-01-02T10:00:00Z", "a=1", "b=2"))).isFalse();
        assertThat(filter.takes(view("nobody knows", "a=1"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"until", "until=soon", "name=x", "=x", ""})
    void shouldRefuseFiltersThereAreNot(String filter) {
        assertThatThrownBy(() -> PruneFilter.parse(List.of(filter), CLOCK)).isInstanceOf(FcvmException.class);
    }

    private static MachineView view(String created, String... labels) {
        return new MachineView(
                "id",
                "name",
                "image",
                "digest",
                List.of(),
                created,
                "exited",
                0,
                "",
                "",
                "",
                "",
                "",
                List.of(),
                "",
                false,
                List.of(labels),
                "");
    }
}
