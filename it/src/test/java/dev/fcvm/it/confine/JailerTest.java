package dev.fcvm.it.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A privileged machine under Firecracker's jailer, with a container that runs in it. */
@MachineTest
class JailerTest {

    private static final Path CLAIMS = Path.of("/run/fcvm/users");
    private static final int OTHERS_MAY_WRITE = 2;

    @BeforeEach
    void onlyWithFirecrackerAsRoot(Fcvm fcvm) {
        assumeTrue(fcvm.lane().isFirecracker(), "the jailer is Firecracker's");
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may start the jailer");
    }

    @Test
    void shouldShutFirecrackerIntoATreeOfItsOwnAsAUserOfItsOwn(Fcvm fcvm, Archives archives) throws Exception {
        try (Child run = start(fcvm, archives, "--rm")) {
            Monitored monitor = Monitored.of(fcvm);

            assertThat(monitor.names(""))
                    .containsExactlyInAnyOrder(
                            "dev",
                            "disk0",
                            "disk1",
                            "disk2",
                            "firecracker",
                            "firecracker.pid",
                            "exchange",
                            "initramfs",
                            "kernel",
                            "run",
                            "sockets");
            assertThat(monitor.aboveWorkingDirectory()).isEqualTo(monitor.names(""));
            assertThat(monitor.names("dev")).isSubsetOf("kvm", "net", "urandom", "userfaultfd");
            assertThat(monitor.names("sockets")).contains("api.sock", "vsock.sock");
            assertThat(monitor.mounts())
                    .containsEntry("/disk0", true)
                    .containsEntry("/disk1", false)
                    .containsEntry("/disk2", true)
                    .containsEntry("/kernel", true)
                    .containsEntry("/initramfs", true)
                    .containsOnlyKeys(
                            "/", "/disk0", "/disk1", "/disk2", "/exchange", "/kernel", "/initramfs", "/sockets");

            assertThat(monitor.lines("mountinfo").stream().filter(line -> line.contains(" /sockets ")))
                    .singleElement()
                    .asString()
                    .contains("nosuid,nodev,noexec", " - tmpfs ", "size=4k");

            int user = user(monitor);
            assertThat(user).isBetween(UserRange.STANDARD.first(), UserRange.STANDARD.last());
            assertThat(monitor.status("Uid").split("\\s+")).containsOnly(Integer.toString(user));
            assertThat(monitor.status("Gid").split("\\s+")).containsOnly(Integer.toString(user));
            assertThat(monitor.status("Groups")).isEmpty();
            assertThat(owner(monitor.inside("disk1"))).isEqualTo(user);
            assertThat(owner(monitor.inside("disk0"))).isZero();
            assertThat(owner(monitor.inside("disk2"))).isZero();
            assertThat(owner(monitor.inside("kernel"))).isZero();
            assertThat((Integer) Files.getAttribute(monitor.inside("disk0"), "unix:mode") & OTHERS_MAY_WRITE)
                    .isZero();

            assertThat(monitor.ownNamespaces()).contains("ipc", "mnt", "net", "pid", "uts");
            assertThat(monitor.status("NSpid")).endsWith("\t1");
            assertThat(monitor.status("NoNewPrivs")).isEqualTo("1");
            assertThat(monitor.status("Seccomp")).isEqualTo("2");
            assertThat(monitor.status("CapEff")).matches("0+");
            assertThat(monitor.limit("Max open files")).startsWith("2048 2048");
            assertThat(monitor.limit("Max file size")).doesNotContain("unlimited");
            assertThat(monitor.limit("Max core file size")).startsWith("0 0");
            end(run);
        }
    }

    @Test
    void shouldLimitAPrivilegedMachineByCgroupsOfItsOwn(Fcvm fcvm, Archives archives) throws Exception {
        try (Child run = start(fcvm, archives, "--rm", "--cpus", "1", "--memory", "300m")) {
            Monitored monitor = Monitored.of(fcvm);

            List<Path> cgroups = monitor.cgroups();
            assertThat(cgroups)
                    .isNotEmpty()
                    .allSatisfy(cgroup -> assertThat(Files.readAllLines(cgroup.resolve("cgroup.procs")))
                            .contains(Long.toString(monitor.pid())));
            // 300 MiB for the container and 256 for the guest have room in 768; 128 for Firecracker.
            assertThat(value(cgroups, "memory.limit_in_bytes", "memory.max"))
                    .isEqualTo(Long.toString((768L + 128) << 20));
            assertThat(value(cgroups, "cpu.cfs_quota_us", "cpu.max")).startsWith("150000");
            assertThat(Integer.parseInt(value(cgroups, "pids.max"))).isBetween(16, 256);
            end(run);
        }
    }

    @Test
    void shouldGiveTwoMachinesDifferentUsersAndTakeEverythingBackAfterwards(Fcvm fcvm, Archives archives)
            throws Exception {
        List<Monitored> monitors;
        try (Child first = start(fcvm, archives, "--rm");
                Child second = start(fcvm, archives, "--rm")) {
            monitors = Monitored.all(fcvm);
            assertThat(monitors).hasSize(2);
            Set<Integer> users = monitors.stream().map(JailerTest::user).collect(Collectors.toSet());
            assertThat(users).hasSize(2);
            assertThat(claims()).containsAll(users);
            end(first);
            end(second);
        }
        assertNothingLeft(monitors);
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldTakeTheWholeJailOfAKilledRunAwayWithItsMachine(Fcvm fcvm, Archives archives) throws Exception {
        List<Monitored> monitors;
        try (Child run = start(fcvm, archives, "--rm", "--name", "killed")) {
            monitors = Monitored.all(fcvm);
            run.signal("KILL");
            run.closed();
            assertThat(new MachineProcesses(monitors.getFirst().id()).living())
                    .as("the machine goes on")
                    .extracting(ProcessHandle::pid)
                    .contains(monitors.getFirst().pid());
            assertThat(monitors.getFirst().cgroups()).isNotEmpty();
        }
        fcvm.run("rm", "-f", "killed").expect(0);
        assertNothingLeft(monitors);
    }

    @Test
    void shouldSweepAMachineWhoseLastProcessIsFirecrackerItself(Fcvm fcvm, Archives archives) throws Exception {
        List<Monitored> monitors;
        try (Child run = start(fcvm, archives, "--rm")) {
            monitors = Monitored.all(fcvm);
            run.signal("KILL");
            run.closed();
            // Nothing in Firecracker's environment tells whose it is, and now it has no parent that does.
            for (ProcessHandle process :
                    new MachineProcesses(monitors.getFirst().id()).living()) {
                if (process.pid() != monitors.getFirst().pid()) {
                    process.destroyForcibly();
                    process.onExit().join();
                }
            }
            assertThat(new MachineProcesses(monitors.getFirst().id()).living())
                    .extracting(ProcessHandle::pid)
                    .containsExactly(monitors.getFirst().pid());
        }
        fcvm.run("run", "--rm", "--mode", "privileged", image(archives), "true").expect(0);
        assertNothingLeft(monitors);
    }

    @Test
    void shouldEndWithTheProcessThatWaitsForTheMonitor(Fcvm fcvm, Archives archives) throws Exception {
        List<Monitored> monitors;
        try (Child run = start(fcvm, archives, "--rm")) {
            monitors = Monitored.all(fcvm);
            ProcessHandle waiting = ProcessHandle.of(monitors.getFirst().pid())
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
            Child.of("kill", "-9", Long.toString(waiting.pid())).run().expect(0);

            assertThat(run.outcome().expect(125).err())
                    .contains("the machine lost its monitor, which was killed by signal 9");
        }
        assertNothingLeft(monitors);
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldGiveTheDiskOfAKeptMachineBackToRoot(Fcvm fcvm, Archives archives) throws Exception {
        List<Monitored> monitors;
        try (Child run = start(fcvm, archives, "--name", "kept")) {
            monitors = Monitored.all(fcvm);
            assertThat(owner(monitors.getFirst().directory().resolve("scratch.ext4")))
                    .isEqualTo(user(monitors.getFirst()));
            end(run);
        }
        assertThat(owner(monitors.getFirst().directory().resolve("scratch.ext4")))
                .isZero();
        assertThat(monitors.getFirst().directory().resolve("jail")).doesNotExist();
        assertThat(Monitored.cgroupsOf(monitors.getFirst().id())).isEmpty();
        fcvm.run("rm", "kept").expect(0);
    }

    @Test
    void shouldRefuseBeforeAnythingIsMadeWhenThereIsNoJailer(Fcvm fcvm, Archives archives) {
        Path missing = fcvm.place().root().resolve("no-jailer");
        Outcome refused = fcvm.call("run", "--rm", "--mode", "privileged", image(archives), "true")
                .env("FIRECRACKER_JAILER", missing.toString())
                .run();
        refused.expect(125);
        assertThat(refused.err()).contains(missing.toString(), "FIRECRACKER_JAILER", "--mode rootless");
        assertThat(refused.err().strip().lines()).hasSize(1);
        assertThat(fcvm.machines()).isEmpty();
    }

    /** Starts a privileged machine and waits until its container runs; TERM ends it with 40. */
    private static Child start(Fcvm fcvm, Archives archives, String... flags) {
        Child run = fcvm.call(
                        Stream.concat(Stream.of("run", "--mode", "privileged"), Stream.of(flags))
                                .toArray(String[]::new),
                        image(archives),
                        "/bin/signals",
                        "TERM")
                .start();
        run.awaitOut("ready\n");
        return run;
    }

    private static void end(Child run) {
        run.signal("TERM");
        run.outcome().expect(40);
    }

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    private static void assertNothingLeft(List<Monitored> monitors) throws IOException {
        for (Monitored monitor : monitors) {
            assertThat(new MachineProcesses(monitor.id()).living()).isEmpty();
            assertThat(monitor.directory()).doesNotExist();
            assertThat(Monitored.cgroupsOf(monitor.id())).isEmpty();
            assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                    .noneMatch(line -> line.contains(monitor.id().value()));
        }
    }

    private static Set<Integer> claims() throws IOException {
        try (Stream<Path> files = Files.list(CLAIMS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[0-9]+"))
                    .map(Integer::valueOf)
                    .collect(Collectors.toSet());
        }
    }

    private static int user(Monitored monitor) {
        return Integer.parseInt(monitor.status("Uid").split("\\s+", -1)[0]);
    }

    private static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid");
    }

    private static String value(List<Path> cgroups, String... names) throws IOException {
        for (Path cgroup : cgroups) {
            for (String name : names) {
                if (Files.exists(cgroup.resolve(name))) {
                    return Files.readString(cgroup.resolve(name)).strip();
                }
            }
        }
        throw new AssertionError("no " + List.of(names) + " in " + cgroups);
    }
}
