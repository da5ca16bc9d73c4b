package dev.fcvm.machine.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.spec.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCapacityTest {

    @TempDir
    Path host;

    @BeforeEach
    void makeAHostOf16Gib() throws Exception {
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n");
        write("proc/sys/vm/overcommit_memory", "0\n");
        write("proc/self/cgroup", "0::/user.slice/session\n");
    }

    @Test
    void shouldLendHalfOfTheHostsMemory() throws Exception {
        assertThat(capacity().memoryMib()).isEqualTo(16_384);
        assertThat(capacity().shareMib()).isEqualTo(8192);
    }

    @Test
    void shouldLendHalfOfWhatACgroupAboveAllows() throws Exception {
        write("groups/user.slice/session/memory.max", "max\n");
        write("groups/user.slice/memory.max", "2147483648\n");

        assertThat(capacity().shareMib()).isEqualTo(1024);
    }

    @Test
    void shouldLendNothingWhereMemoryCountsBeforeItIsTouched() throws Exception {
        write("proc/sys/vm/overcommit_memory", "2\n");

        assertThat(capacity().shareMib()).isZero();
    }

    private Resources.Capacity capacity() throws Exception {
        return new HostCapacity(host.resolve("proc"), host.resolve("groups")).capacity(true);
    }

    private void write(String file, String content) throws Exception {
        Files.createDirectories(host.resolve(file).getParent());
        Files.writeString(host.resolve(file), content);
    }
}
