package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What serves a machine's network beside its monitor, as root sees it in /proc: each reads what a guest may have sent. */
@MachineTest
@TestInstance(Lifecycle.PER_CLASS)
class HelpersTest {

    private static final String BIND_SERVICE = "0000000000000400";
    private static final String BIND_SERVICE_AND_ADMIN = "0000000000001400";
    private static final String NONE = "0000000000000000";
    private static final List<String> DANGLING = List.of("bin", "lib", "lib64", "proc", "sbin", "usr");

    private Town town;
    private Fcvm fcvm;
    private Fcvm home;
    private String image;

    @BeforeAll
    void found(Archives archives) {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root sees all of it");
        town = new Town();
        fcvm = Fcvm.create();
        home = town.home(fcvm);
        image = "oci-archive:" + archives.ociArchive(TestImages.serving());
    }

    @AfterAll
    void leave() {
        if (fcvm != null) {
            fcvm.close();
        }
        if (town != null) {
            town.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless", "privileged"})
    void shouldShutInWhateverReadsWhatAGuestSends(String mode) throws Exception {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        home.run("network", "create", "one").expect(0);
        try (Child machine = home.call(
                        "run",
                        "--rm",
                        "--mode",
                        mode,
                        "--network",
                        "one",
                        "--egress",
                        "deny",
                        "--allow",
                        "allowed.test",
                        image,
                        "/bin/serve")
                .start()) {
            machine.awaitOut("ready\n");
            boolean privileged = mode.equals("privileged");
            long monitor = Town.monitor(fcvm);
            long names = process("dnsmasq");
            long plug = process("vde_plug2tap");
            long wire = process("vde_switch");

            assertShutIn(names, BIND_SERVICE_AND_ADMIN, "dnsmasq", "members");
            assertShutIn(plug, privileged ? NONE : BIND_SERVICE, "vde_plug2tap", "wire");
            assertShutIn(wire, NONE, "vde_switch", "wire");
            for (long helper : List.of(names, plug)) {
                for (String shared : List.of("net", "user", "pid", "ipc")) {
                    assertThat(namespace(helper, shared)).as(shared).isEqualTo(namespace(monitor, shared));
                }
                assertThat(namespace(helper, "mnt"))
                        .isNotEqualTo(namespace(monitor, "mnt"))
                        .isNotEqualTo(namespace(ProcessHandle.current().pid(), "mnt"));
                assertThat(lines(helper, "cgroup")).isEqualTo(lines(monitor, "cgroup"));
                assertThat(status(helper, "Uid")).matches(privileged ? "(20000[0-9]+\t?){4}" : "(0\t?){4}");
            }
            for (String own : List.of("net", "pid", "ipc", "uts", "mnt")) {
                assertThat(namespace(wire, own))
                        .as(own)
                        .isNotEqualTo(namespace(monitor, own))
                        .isNotEqualTo(namespace(ProcessHandle.current().pid(), own));
            }
            assertThat(status(wire, "Uid")).matches("(20000[0-9]+\t?){4}").isNotEqualTo(status(plug, "Uid"));
            if (privileged) {
                assertThat(status(plug, "Uid")).isNotEqualTo(status(monitor, "Uid"));
                assertThat(status(plug, "Groups")).isEmpty();
            } else {
                long slirp = process("slirp4netns");
                assertThat(lines(slirp, "cgroup")).isEqualTo(lines(monitor, "cgroup"));
                assertThat(status(slirp, "Uid")).as("nobody else's user").matches("(20000[0-9]+\t?){4}");
                assertThat(status(slirp, "Gid")).isEqualTo(status(slirp, "Uid"));
                assertThat(status(slirp, "Groups")).isEmpty();
                assertThat(status(slirp, "CapEff")).isEqualTo(BIND_SERVICE);
                assertThat(namespace(slirp, "user"))
                        .as("where it may bind no port of the host's below 1024")
                        .isNotEqualTo(namespace(ProcessHandle.current().pid(), "user"))
                        .isNotEqualTo(namespace(monitor, "user"));
            }
            machine.signal("TERM");
            machine.outcome().expect(40);
        } finally {
            home.run("network", "rm", "-f", "one");
        }
        assertThat(fcvm.leaks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless", "privileged"})
    void shouldTellThatANameServerWasKilledAndStartItAnew(String mode) {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        try (Child machine = home.call(
                        "run",
                        "--rm",
                        "--mode",
                        mode,
                        "--egress",
                        "deny",
                        "--allow",
                        "allowed.test",
                        "--network",
                        "default",
                        image,
                        "sh",
                        "-c",
                        "trap 'until nslookup allowed.test | grep 198.51.100.7; do sleep 0.2; done; exit 40' TERM; echo ready;"
                                + "while :; do sleep 0.2; done")
                .start()) {
            machine.awaitOut("ready\n");
            long first = process("dnsmasq");
            Child.of("kill", "-9", Long.toString(first)).run().expect(0);
            machine.awaitErr(
                    "the machine's name server was lost: dnsmasq ended with exit code 137; it is started anew");
            machine.signal("TERM");
            assertThat(machine.outcome().expect(40).out()).contains("198.51.100.7");
        }
        assertThat(fcvm.leaks()).isEmpty();
    }

    /** The sandbox of slirp4netns takes the host's old root away from itself, and with it all that is shared. */
    @Test
    void shouldLeaveTheHostItsSharedMounts() {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        Path shared = fcvm.place().root().resolve("shared");
        Fcvm sharing = fcvm.within(List.of(
                "nsenter",
                "--target",
                Long.toString(town.host().pid()),
                "--net",
                "--mount",
                "--wd=" + fcvm.place().root(),
                "--",
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-ec",
                "mkdir \"$0\"; mount -t tmpfs outer \"$0\"; mount --make-shared \"$0\"; mkdir \"$0/inner\";"
                        + "mount -t tmpfs inner \"$0/inner\"; touch \"$0/inner/here\"; \"$@\"; code=$?;"
                        + "[ -e \"$0/inner/here\" ] && echo still here; umount -R \"$0\"; rmdir \"$0\"; exit $code",
                shared.toString()));
        assertThat(sharing.run("run", "--rm", "--mode", "rootless", "--network", "default", image, "echo", "ran")
                        .expect(0)
                        .out())
                .isEqualTo("ran\nstill here\n");
        assertThat(fcvm.leaks()).isEmpty();
    }

    private static void assertShutIn(long process, String capabilities, String program, String handed)
            throws IOException {
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(status(process, set)).as(program + " " + set).isEqualTo(capabilities);
        }
        assertThat(status(process, "NoNewPrivs")).isEqualTo("1");
        assertThat(status(process, "Seccomp")).as("a filter of system calls").isEqualTo("2");
        try (Stream<Path> root = Files.list(Path.of("/proc/" + process + "/root"))) {
            assertThat(root.map(file -> file.getFileName().toString()).filter(name -> !DANGLING.contains(name)))
                    .as(program)
                    .containsExactlyInAnyOrder("dev", "libs", "old", program, handed);
        }
        assertThat(Path.of("/proc/" + process + "/root/old")).isEmptyDirectory();
        assertThat(lines(process, "mounts").getFirst()).contains("helper / tmpfs ro,");
    }

    /** Returns the one process of this program that serves the machine, or its network. */
    private long process(String program) {
        MachineId id = new MachineId(fcvm.machines().getFirst().getFileName().toString());
        Stream<ProcessHandle> all = program.equals("vde_switch")
                ? ProcessHandle.allProcesses()
                : new MachineProcesses(id).living().stream();
        return all.filter(process -> process.info()
                        .command()
                        .filter(file ->
                                file.equals("/" + program) || (program.equals("slirp4netns") && file.endsWith(program)))
                        .isPresent())
                .mapToLong(ProcessHandle::pid)
                .max()
                .orElseThrow(() -> new AssertionError("no " + program));
    }

    private static String namespace(long process, String name) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + process + "/ns/" + name))
                .toString();
    }

    private static List<String> lines(long process, String file) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process + "/" + file));
    }

    private static String status(long process, String field) throws IOException {
        return lines(process, "status").stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }
}
