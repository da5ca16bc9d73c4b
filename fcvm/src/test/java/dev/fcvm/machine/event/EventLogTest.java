package dev.fcvm.machine.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLogTest {

    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path directory;

    @Test
    void shouldTellWhatHappenedInOrderAndWhatHappensThen() throws Exception {
        var log = new EventLog(directory);
        log.write(event(Action.CREATE, "web"));
        try (EventReader reader = EventReader.open(log)) {
            assertThat(reader.next()).containsExactly(event(Action.CREATE, "web"));
            log.write(event(Action.START, "web"));
            log.write(event(Action.DIED, "web"));
            assertThat(reader.next()).containsExactly(event(Action.START, "web"), event(Action.DIED, "web"));
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void shouldStayWithinItsBoundsAndMissNothingForWhoeverReads() throws Exception {
        var log = new EventLog(directory);
        int count = 0;
        try (EventReader reader = EventReader.open(log)) {
            for (int time = 0; time < 12_000; time++) {
                log.write(event(Action.KILL, "m" + time));
                if (time % 1000 == 999) {
                    count += reader.next().size();
                }
            }
        }
        assertThat(count).isEqualTo(12_000);
        try (var files = Files.list(directory)) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(2 * EventLog.LIMIT + 4096L);
        }
    }

    @Test
    void shouldSkipALineThatWasLeftHalfWrittenAndKeepTheNext() throws Exception {
        var log = new EventLog(directory);
        Files.writeString(directory.resolve("events.log"), "{\"time\":\"2026", StandardOpenOption.CREATE);
        log.write(event(Action.REMOVE, "web"));

        try (EventReader reader = EventReader.open(log)) {
            assertThat(reader.next()).containsExactly(event(Action.REMOVE, "web"));
        }
    }

    @Test
    void shouldTakeWhatFitsOneOfTheValuesOfEachKey() throws Exception {
        EventFilter filter = EventFilter.of(
                Optional.empty(), Optional.empty(), List.of("event=die", "event=start", "container=web", "label=a"));

        assertThat(filter.matches(event(Action.DIED, "web"))).isTrue();
        assertThat(filter.matches(event(Action.START, "web"))).isTrue();
        assertThat(filter.matches(event(Action.KILL, "web"))).isFalse();
        assertThat(filter.matches(event(Action.START, "other"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"event", "event=dance", "colour=red", "=x", ""})
    void shouldRefuseAFilterThereIsNot(String filter) {
        assertThatThrownBy(() -> EventFilter.of(Optional.empty(), Optional.empty(), List.of(filter)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--filter \"" + filter + "\"");
    }

    private static MachineEvent event(Action action, String name) {
        return new MachineEvent(
                TIME,
                action,
                "0123456789abcdef0123456789abcdef",
                name,
                "alpine",
                List.of("a=b"),
                Map.of("exitCode", "3"));
    }
}
