package dev.fcvm.image.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.error.FcvmException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StillnessTest {

    private long seconds;
    private long written;
    private int looks;

    private final Stillness stillness =
            new Stillness(Duration.ofSeconds(600), Duration.ofSeconds(30), () -> seconds * 1_000_000_000L, () -> {
                looks++;
                return written;
            });

    @Test
    void shouldNoticeThatNothingIsWrittenAnyMore() throws Exception {
        assertThat(isTooLongIn(100)).isFalse();
        written = 7;
        assertThat(isTooLongIn(590)).isFalse();
        written = 8;
        assertThat(isTooLongIn(600)).isFalse();
        assertThat(isTooLongIn(60)).isTrue();
    }

    @Test
    void shouldLookSeldom() throws Exception {
        assertThat(isTooLongIn(300)).isFalse();
        assertThat(looks).isEqualTo(10);
    }

    /** Asks ten times a second, as whoever watches work does. */
    private boolean isTooLongIn(int more) throws FcvmException, InterruptedException {
        boolean over = false;
        for (int second = 0; second < more; second++) {
            seconds++;
            for (int look = 0; look < 10; look++) {
                over |= stillness.isTooLong();
            }
        }
        return over;
    }
}
