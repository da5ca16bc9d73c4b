package dev.fcvm.machine.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.process.LinuxSignal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ImpatienceTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Impatience impatience = new Impatience(now::get);

    @Test
    void shouldBeExhaustedByTheThirdInterruptWithinThreeSeconds() {
        assertThat(interruptAfter(0)).isFalse();
        assertThat(interruptAfter(1)).isFalse();
        assertThat(interruptAfter(1)).isTrue();
    }

    @Test
    void shouldBearInterruptsThatComeSlowly() {
        for (int count = 0; count < 20; count++) {
            assertThat(interruptAfter(2)).isFalse();
        }
    }

    @Test
    void shouldBearAnyNumberOfOtherSignals() {
        for (int count = 0; count < 20; count++) {
            assertThat(impatience.isExhaustedBy(LinuxSignal.TERM)).isFalse();
        }
        assertThat(interruptAfter(0)).isFalse();
    }

    private boolean interruptAfter(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
        return impatience.isExhaustedBy(LinuxSignal.INT);
    }
}
