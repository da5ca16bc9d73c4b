package dev.fcvm.vmm.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Fields;
import dev.fcvm.host.journal.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scope of a machine, as it is written down. */
class MachineScopeTest {

    private static final MachineId MACHINE = new MachineId("0123456789abcdef0123456789abcdef");

    @TempDir
    Path directory;

    @Test
    void shouldBeFoundInTheJournalOfWhoeverMadeIt() throws Exception {
        Path file = directory.resolve("journal");
        Journal.open(file, ConfinementResources.kinds()).acquire(MachineScope.of(MACHINE));
        Journal next = Journal.open(file, ConfinementResources.kinds());
        assertThat(next.held()).isEqualTo(List.of(MachineScope.of(MACHINE))).allMatch(ConfinementResources::isOne);
        next.releaseAll(); // it was never made
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldEndNoUnitThatIsNoMachines() {
        for (String unit : List.of("ssh.service", "fcvm-supervisor.service", "--all", "fcvm-1.scope", "../x.scope")) {
            assertThatThrownBy(() -> MachineScope.KIND.reader().read(new Fields(Map.of("unit", unit))))
                    .isInstanceOf(IOException.class);
        }
    }
}
