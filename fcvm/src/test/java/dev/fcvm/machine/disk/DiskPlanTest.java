package dev.fcvm.machine.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.DataSize;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiskPlanTest {

    private static final long MIB = 1L << 20;
    private static final DataSize FLOOR = new DataSize(1024 * MIB);
    private static final Path PLACE = Path.of("/data/machines");

    @Test
    void shouldGiveAMachineWhatItAsksFor() throws Exception {
        assertThat(choose(Optional.of(new DataSize(700 * MIB)), 100_000 * MIB)).isEqualTo(700 * MIB);
    }

    @Test
    void shouldGiveFourGibibytesOrWhatIsFreeAboveTheFloor() throws Exception {
        assertThat(choose(Optional.empty(), 100_000 * MIB)).isEqualTo(4096 * MIB);
        assertThat(choose(Optional.empty(), 1324 * MIB)).isEqualTo(300 * MIB);
    }

    @Test
    void shouldRefuseADiskThatTheHostHasNoRoomFor() {
        assertThatThrownBy(() -> choose(Optional.of(new DataSize(5000 * MIB)), 6000 * MIB))
                .isInstanceOf(FcvmException.class)
                .hasMessage("the disk of /data/machines has no room for a machine: 6000 MiB are free, of which 1 GiB"
                        + " must stay so (FCVM_DISK_FLOOR), and the machine's disk may take 5000 MiB: make room"
                        + " (fcvm rm, fcvm image prune), give a smaller --disk-size, or set FCVM_DATA_DIR to where"
                        + " there is space");
    }

    @Test
    void shouldRefuseAMachineWhenNextToNothingIsFree() {
        assertThatThrownBy(() -> choose(Optional.empty(), 1100 * MIB))
                .hasMessageContaining("1100 MiB are free")
                .hasMessageContaining("may take 256 MiB");
    }

    private static long choose(Optional<DataSize> wanted, long free) throws FcvmException {
        return DiskPlan.choose(wanted, FLOOR, PLACE, free).bytes();
    }
}
