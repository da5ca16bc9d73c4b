package dev.fcvm.volume.back;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of one name. */
final class ThreeWayTest {

    @ParameterizedTest
    @CsvSource({
        // guest: changed, has; host: changed, has
        "false, true,  false, true,  KEEP",
        "false, true,  true,  true,  KEEP",
        "false, true,  true,  false, KEEP",
        "true,  true,  false, true,  TAKE",
        "true,  true,  false, false, TAKE",
        "true,  false, false, true,  DELETE",
        "true,  true,  true,  true,  BOTH",
        "true,  true,  true,  false, RESTORE",
        "true,  false, true,  true,  SPARE",
        "true,  false, true,  false, KEEP",
    })
    void shouldLoseNothingThatOneSideHasMade(
            boolean guestChanged, boolean guestHas, boolean hostChanged, boolean hostHas, ThreeWay verdict) {
        assertThat(ThreeWay.decide(guestChanged, guestHas, hostChanged, hostHas))
                .isEqualTo(verdict);
    }
}
