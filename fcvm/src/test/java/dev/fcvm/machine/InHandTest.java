package dev.fcvm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.store.MachineState;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is said of a machine that another process has. */
class InHandTest {

    private static final Instant NOW = Instant.EPOCH;

    @Test
    void shouldSayWhatTheOtherProcessDoesWithIt() {
        assertThat(said(new MachineState.Booting(NOW), false)).contains("is starting it");
        assertThat(said(new MachineState.Running(NOW, NOW), true)).contains("FCVM_SUPERVISOR=off", "namespaces");
        assertThat(said(new MachineState.Stopping(NOW, NOW), true)).contains("is stopping it", "fcvm wait web");
    }

    @Test
    void shouldBlameNobodysSettingsForAMachineThatIsBeingClearedAway() {
        assertThat(said(new MachineState.Running(NOW, NOW), false))
                .contains("has just ended", "fcvm wait web")
                .doesNotContain("FCVM_SUPERVISOR");
        assertThat(said(new MachineState.Removing(NOW), false)).isEqualTo("it is being removed");
    }

    private static String said(MachineState.Live state, boolean monitorRuns) {
        return InHand.elsewhere(state, monitorRuns, "web");
    }
}
