package dev.fcvm.machine.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.vmm.VmSpec.Drive;
import dev.fcvm.volume.AttachedMapping.Disk;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The small parts of a start from a warm base. */
final class WarmPartsTest {

    private static final Path EMPTY = Path.of("/m/placeholder");

    private static Disk disk(String file, boolean readOnly) {
        return new Disk(Path.of(file), readOnly);
    }

    @Test
    void shouldPutEachDiskIntoAPlaceThatIsWritableOrNotAsItIs() {
        List<Disk> disks = List.of(disk("/w1", false), disk("/r1", true), disk("/w2", false));
        assertThat(WarmSlots.places(disks)).contains(List.of(7, 3, 8));
        List<Drive> filled = WarmSlots.filled(disks, EMPTY);
        assertThat(filled).hasSize(10);
        assertThat(filled.subList(0, 6))
                .containsExactly(
                        new Drive(Path.of("/r1"), true),
                        new Drive(EMPTY, true),
                        new Drive(EMPTY, true),
                        new Drive(EMPTY, true),
                        new Drive(Path.of("/w1"), false),
                        new Drive(Path.of("/w2"), false));
        assertThat(filled.subList(6, 10)).containsOnly(new Drive(EMPTY, false));
    }

    @Test
    void shouldSayWhenThereAreMoreDisksThanPlaces() {
        assertThat(WarmSlots.places(Collections.nCopies(4, disk("/r", true)))).isPresent();
        assertThat(WarmSlots.places(Collections.nCopies(5, disk("/r", true)))).isEmpty();
        assertThat(WarmSlots.places(Collections.nCopies(6, disk("/w", false)))).isPresent();
        assertThat(WarmSlots.places(Collections.nCopies(7, disk("/w", false)))).isEmpty();
    }

    @Test
    void shouldCallBasesByAllThatTheyDependOn() {
        var key = new WarmKey("monitor 1\n", "memory 512\n");
        assertThat(key.name()).matches("[0-9a-f]{32}");
        assertThat(new WarmKey("monitor 1\n", "memory 512\n").name()).isEqualTo(key.name());
        assertThat(new WarmKey("monitor 2\n", "memory 512\n").name()).isNotEqualTo(key.name());
        assertThat(new WarmKey("monitor 1\n", "memory 513\n").name()).isNotEqualTo(key.name());
    }

    @Test
    void shouldTellThoseOfAnEarlierBase() {
        var key = new WarmKey("monitor 1\nbase of today\n", "memory 512\n");
        assertThat(key.hasOtherBase("monitor 2\nbase of today\nmemory 4096\n")).isFalse();
        assertThat(key.hasOtherBase("monitor 1\nbase of yesterday\nmemory 512\n"))
                .isTrue();
    }
}
