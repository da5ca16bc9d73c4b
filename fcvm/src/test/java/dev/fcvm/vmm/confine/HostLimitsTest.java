package dev.fcvm.vmm.confine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.confine.CgroupTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host lets a machine be limited by; the hosts are directories. */
class HostLimitsTest {

    @TempDir
    Path mount;

    @Test
    void shouldNameTheControllersThatNoCgroupCanBeMadeForAndLeaveNothing() throws Exception {
        Path memory = Files.createDirectory(mount.resolve("memory"));
        Path all = group(mount.resolve("unified"), "cpu pids", "cpu pids");
        var tree = new CgroupTree(
                Map.of("memory", new CgroupTree.Place(memory, memory)), Optional.of(new CgroupTree.Place(all, all)));
        assertThat(HostLimits.lacking(tree)).isEmpty();
        assertThat(memory).isEmptyDirectory();
        var elsewhere = new CgroupTree(
                Map.of("memory", new CgroupTree.Place(memory, memory.resolve("gone"))), Optional.empty());
        assertThat(HostLimits.lacking(elsewhere)).containsExactlyInAnyOrder("memory", "cpu", "pids");
    }

    private static Path group(Path directory, String controllers, String handedOn) throws Exception {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("cgroup.procs"), "");
        Files.writeString(directory.resolve("cgroup.controllers"), controllers);
        Files.writeString(directory.resolve("cgroup.subtree_control"), handedOn);
        return directory;
    }
}
