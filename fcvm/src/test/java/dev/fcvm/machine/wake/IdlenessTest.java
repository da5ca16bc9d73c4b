package dev.fcvm.machine.wake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.wake.Idleness.Look;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IdlenessTest {

    private final Idleness idleness = new Idleness(Duration.ofMinutes(1));

    @Test
    void shouldTakeAMachineForIdleInWhichNothingMovedForAsLongAsWasSaid() {
        for (int second = 0; second < 60; second += 10) {
            assertThat(idleness.isLong(look(second, false, 7, 3000))).isFalse();
        }
        assertThat(idleness.isLong(look(60, false, 7, 3000))).isTrue();
    }

    @Test
    void shouldBeginAnewWithAPacketWithWorkAndWithWhoeverWantsIt() {
        quiet(0, 50, 7, 0);
        assertThat(idleness.isLong(look(60, false, 8, 0))).as("a packet").isFalse();
        quiet(70, 110, 8, 0);
        assertThat(idleness.isLong(look(120, false, 8, 600)))
                .as("six hundredths of ten seconds")
                .isFalse();
        quiet(130, 170, 8, 600);
        assertThat(idleness.isLong(look(180, true, 8, 600))).as("somebody").isFalse();
        quiet(190, 230, 8, 600);
        assertThat(idleness.isLong(look(240, false, 8, 600))).isTrue();
    }

    @Test
    void shouldNotTakeTheGuestsOwnTimersForWork() {
        for (int second = 0; second < 60; second += 10) {
            assertThat(idleness.isLong(look(second, false, 7, second * 40))).isFalse();
        }
        assertThat(idleness.isLong(look(60, false, 7, 60 * 40))).isTrue();
    }

    @Test
    void shouldBeginAnewWhenItIsToldTo() {
        quiet(0, 50, 7, 0);
        idleness.again(TimeUnit.SECONDS.toNanos(55));
        quiet(60, 110, 7, 0);
        assertThat(idleness.isLong(look(115, false, 7, 0))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 1000", "8, 2000", "600, 10000"})
    void shouldLookSeveralTimesInTheTimeButNotAllTheTime(int seconds, int millis) {
        assertThat(new Idleness(Duration.ofSeconds(seconds)).pause()).isEqualTo(Duration.ofMillis(millis));
    }

    private void quiet(int from, int to, long packets, int millis) {
        for (int second = from; second <= to; second += 10) {
            assertThat(idleness.isLong(look(second, false, packets, millis))).isFalse();
        }
    }

    private static Look look(int second, boolean wanted, long packets, int processorMillis) {
        return new Look(TimeUnit.SECONDS.toNanos(second), wanted, packets, Duration.ofMillis(processorMillis));
    }
}
