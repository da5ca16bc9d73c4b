package dev.fcvm.machine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.disk.DiskGuard.Act;
import dev.fcvm.settings.DataSize;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskGuardTest {

    private static final long MIB = 1L << 20;
    private static final long FLOOR = 1024 * MIB;

    private final DiskGuard guard = new DiskGuard(new DataSize(FLOOR));

    @Test
    void shouldWarnOnceAndThenPauseTheMachineThatGrows() {
        assertThat(guard.look(4000 * MIB, 0)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(2000 * MIB, 2000 * MIB)).isEqualTo(Act.WARN);
        assertThat(guard.look(1500 * MIB, 2500 * MIB)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(FLOOR - 1, 3000 * MIB)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldLeaveAMachineAloneThatDoesNotGrowUntilItDoes() {
        assertThat(guard.look(1500 * MIB, 10 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(1000 * MIB, 10 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(999 * MIB, 10 * MIB + DiskGuard.CREEP - 1)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(998 * MIB, 10 * MIB + DiskGuard.CREEP)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldPauseEveryMachineBeforeSomebodyElseHasFilledTheDisk() {
        assertThat(guard.look(1500 * MIB, 10 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(FLOOR / 4, 10 * MIB)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(FLOOR / 4 - 1, 10 * MIB)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldTellWhenTheDiskWasFullBeforeTheMachineWasPaused() {
        assertThat(guard.look(1500 * MIB, 10 * MIB)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(0, 10 * MIB)).isEqualTo(Act.PAUSE_LATE);
    }

    @Test
    void shouldJudgeAMachineThatWasStartedBelowTheFloorByWhatItWritesFromThenOn() {
        assertThat(guard.look(900 * MIB, 100 * MIB)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(900 * MIB, 101 * MIB)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldLetThePausedMachineGoOnWhenThereIsMoreSpaceThanWhenItWasPaused() {
        assertThat(guard.look(900 * MIB, 100 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(900 * MIB, 200 * MIB)).isEqualTo(Act.PAUSE);
        guard.hasPaused();
        assertThat(guard.look(FLOOR + FLOOR / 4 - 1, 200 * MIB)).isEqualTo(Act.GO_ON);

        assertThat(guard.look(FLOOR + FLOOR / 4, 200 * MIB)).isEqualTo(Act.RESUME);

        guard.hasResumed(200 * MIB);
        assertThat(guard.look(900 * MIB, 200 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(900 * MIB, 201 * MIB)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldTryAgainToPauseAMachineThatCouldNotBe() {
        assertThat(guard.look(900 * MIB, 100 * MIB)).isEqualTo(Act.GO_ON);
        assertThat(guard.look(900 * MIB, 200 * MIB)).isEqualTo(Act.PAUSE);

        assertThat(guard.look(900 * MIB, 200 * MIB)).isEqualTo(Act.PAUSE);
    }

    @Test
    void shouldLookAgainBeforeTheFastestWritersCanHaveReachedTheFloor() {
        assertThat(guard.next(FLOOR)).isEqualTo(Duration.ofMillis(20));
        assertThat(guard.next(0)).isEqualTo(Duration.ofMillis(20));
        assertThat(guard.next(FLOOR + DiskGuard.FASTEST / 2)).isEqualTo(Duration.ofMillis(500));
        assertThat(guard.next(Long.MAX_VALUE)).isEqualTo(Duration.ofSeconds(1));
    }
}
