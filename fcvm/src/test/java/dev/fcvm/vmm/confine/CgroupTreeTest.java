package dev.fcvm.vmm.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where on a host a machine's cgroup may be; the hosts are texts and directories. */
final class CgroupTreeTest {

    private static final List<String> ALL = List.of("memory", "cpu", "pids");

    @TempDir
    Path mount;

    @Test
    void shouldFindEachControllerOfVersionOneWhereThisProcessStands() {
        CgroupTree tree = CgroupTree.read(
                List.of(
                        "33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
                        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
                        "36 31 0:33 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio",
                        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"),
                List.of("4:memory:/jobs/7", "2:cpu,cpuacct:/", "7:blkio:/", "0::/jobs/7"));
        assertThat(tree.first())
                .isEqualTo(Map.of(
                        "memory",
                        place("/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/jobs/7"),
                        "cpu",
                        place("/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct")));
        assertThat(tree.second()).contains(place("/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/jobs/7"));
    }

    @Test
    void shouldTakeAContainersPartForTheWhole() {
        CgroupTree tree = CgroupTree.read(
                List.of("35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"),
                List.of("4:memory:/docker/abc/inner"));
        assertThat(tree.first().get("memory")).isEqualTo(place("/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/inner"));
    }

    @Test
    void shouldUseTheNearestDirectoryThatHandsTheControllersOn() throws Exception {
        Path user = group(mount.resolve("user@1000.service"), "cpu memory pids", "memory pids cpu");
        Path application = group(user.resolve("app.slice"), "memory pids cpu", "");
        Path own = group(application.resolve("terminal.scope"), "", "");
        assertThat(tree(own).delegated(ALL)).contains(application);
        assertThat(Files.readString(application.resolve("cgroup.subtree_control")))
                .isEqualTo("+memory +cpu +pids");
    }

    @Test
    void shouldFindNothingWhereNoDirectoryHasTheControllers() throws Exception {
        Path own = group(mount.resolve("session.scope"), "pids", "pids");
        assertThat(tree(own).delegated(ALL)).isEmpty();
        assertThat(tree(own).delegated(List.of("pids"))).contains(own);
        assertThat(new CgroupTree(Map.of(), Optional.empty()).delegated(ALL)).isEmpty();
    }

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

    private CgroupTree tree(Path own) {
        return new CgroupTree(Map.of(), Optional.of(new CgroupTree.Place(mount, own)));
    }

    private static Path group(Path directory, String controllers, String handedOn) throws Exception {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("cgroup.procs"), "");
        Files.writeString(directory.resolve("cgroup.controllers"), controllers);
        Files.writeString(directory.resolve("cgroup.subtree_control"), handedOn);
        return directory;
    }

    private static CgroupTree.Place place(String mount, String own) {
        return new CgroupTree.Place(Path.of(mount), Path.of(own));
    }
}
