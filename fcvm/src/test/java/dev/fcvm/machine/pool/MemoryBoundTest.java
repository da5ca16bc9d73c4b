package dev.fcvm.machine.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.pool.MemoryBound.Memory;
import org.junit.jupiter.api.Test;

final class MemoryBoundTest {

    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    @Test
    void shouldAllowAllPoolsTogetherHalfOfWhatTheHostHasAvailable() {
        var bound = new MemoryBound(0);
        assertThat(bound.refusal(new Memory(0, GIB, 3 * GIB), GIB)).isEmpty();
        assertThat(bound.refusal(new Memory(0, GIB, 3 * GIB), GIB + 1))
                .get()
                .asString()
                .contains("half of the memory that is available, 2 GiB", "--max-memory allows more");
        assertThat(bound.isPassed(new Memory(0, GIB, 3 * GIB))).isFalse();
        assertThat(bound.isPassed(new Memory(0, 2 * GIB, GIB)))
                .as("others have come to take more")
                .isTrue();
    }

    @Test
    void shouldAllowAPoolWhatItsUserAllowsIt() {
        var bound = new MemoryBound(100 * MIB);
        assertThat(bound.refusal(new Memory(80 * MIB, 5 * GIB, 3 * GIB), 20 * MIB))
                .isEmpty();
        assertThat(bound.refusal(new Memory(81 * MIB, 5 * GIB, 3 * GIB), 20 * MIB))
                .contains(
                        "one more machine takes about 20 MiB, and with it they would pass the 100 MiB of --max-memory");
        assertThat(bound.isPassed(new Memory(101 * MIB, 5 * GIB, 3 * GIB))).isTrue();
    }

    @Test
    void shouldLeaveAHostThatIsShortOfMemoryAlone() {
        assertThat(new MemoryBound(10 * GIB).refusal(new Memory(0, 0, 530 * MIB), 20 * MIB))
                .get()
                .asString()
                .contains("the host has 530 MiB of memory available");
    }
}
