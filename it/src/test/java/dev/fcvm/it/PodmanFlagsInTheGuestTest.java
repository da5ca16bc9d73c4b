package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The flags of {@code podman run} against the Podman that is in the guest. */
@MachineTest
class PodmanFlagsInTheGuestTest {

    private static final Path PAGE = Path.of("../docs/podman.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (?:`-.`, )?`(--[a-z0-9-]+)` \\| (same|differs|refused) \\|");
    private static final Pattern LISTED = Pattern.compile("(?m)^ +(?:-[A-Za-z], )?(--[a-z0-9-]+)");

    @Test
    void shouldForgetNoFlagOfThePodmanInTheGuest(Fcvm fcvm, Archives archives) throws IOException {
        Outcome podman = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--network=none",
                "--privileged",
                "--pid=host",
                image(archives),
                "/bin/busybox",
                "nsenter",
                "-t",
                "1",
                "-m",
                "podman",
                "run",
                "--help");
        Set<String> inTheGuest = all(LISTED, podman.expect(0).out());
        String page = Files.readString(PAGE);

        assertThat(inTheGuest).hasSizeGreaterThan(100);
        assertThat(all(ROW, page)).isEqualTo(inTheGuest);

        Set<String> explained = new TreeSet<>();
        for (String word : fcvm.run("run", "--help").expect(0).out().split("[ ,=\\[\\n]+", -1)) {
            explained.add(word);
        }
        Set<String> working = new TreeSet<>();
        ROW.matcher(page)
                .results()
                .filter(row -> !row.group(2).equals("refused"))
                .forEach(row -> working.add(row.group(1)));
        assertThat(explained).containsAll(working);
    }

    @Test
    void shouldCarryOutWhatPodmanWouldWhateverTheMachineIsToPodman(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--network=none",
                "--init",
                "--shm-size=2m",
                "--ulimit=nofile=256:512",
                "--pids-limit=77",
                "--group-add=5",
                "--sysctl=net.core.somaxconn=999",
                "--sysctl=kernel.shmmax=4242",
                "--uts=host",
                "--tz=America/Argentina/Salta",
                "--umask=0027",
                "--oom-score-adj=7",
                "--security-opt=no-new-privileges",
                "--memory-swap=-1",
                "--annotation=a=b",
                "--stop-signal=INT",
                "-v",
                "/data",
                image(archives),
                "/bin/sh",
                "-c",
                "cat /proc/1/comm; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2; ulimit -n; ulimit -H -n;"
                        + " cat /sys/fs/cgroup/pids.max; id -G; cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax;"
                        + " test $(hostname) && date +%Z; umask; cat /proc/self/oom_score_adj;"
                        + " grep NoNewPrivs /proc/self/status; ls -d /data");

        assertThat(outcome.expect(0).out()).isEqualTo("""
                        podman-init
                        2048
                        256
                        512
                        77
                        0 5
                        999
                        4242
                        -03
                        0027
                        7
                        NoNewPrivs:\t1
                        /data
                        """);
    }

    /** QEMU's processor in software runs machines in turn; on KVM that is up to the host. */
    @Test
    void shouldGiveAContainerDevicesWhoseDriversAreModules(Fcvm fcvm, Archives archives) {
        assumeFalse(fcvm.lane().isFirecracker(), "the kernel of Firecracker's lane has no modules");
        List<String> run = new ArrayList<>(List.of("run", "--quiet", "--rm", "--network=none"));
        for (String device : List.of("net/tun", "fuse", "loop-control", "loop0", "kvm")) {
            run.add("--device=/dev/" + device);
        }
        run.addAll(List.of("--cpuset-cpus=0", image(archives), "/bin/sh", "-c"));
        run.add("for d in net/tun fuse loop-control loop0 kvm; do (: 3<>/dev/$d) && echo $d opens; done");

        assertThat(fcvm.call(run).run().expect(0).out()).isEqualTo("""
                        net/tun opens
                        fuse opens
                        loop-control opens
                        loop0 opens
                        kvm opens
                        """);
    }

    @Test
    void shouldSetParametersOfTheMachinesNetworkAndSayWhichThereAreNot(Fcvm fcvm, Archives archives) {
        List<String> run = new ArrayList<>(List.of("run", "--quiet", "--rm", "--network=default", "--userns=auto"));
        run.addAll(List.of("--sysctl=net.core.somaxconn=999", "--sysctl", "net.ipv4.ip_local_port_range=2000 3000"));
        run.addAll(List.of(image(archives), "/bin/sh", "-c"));
        run.add(
                "cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/ip_local_port_range; cut -c23-33 /proc/self/uid_map");
        Outcome set = fcvm.call(run).run();
        Outcome missing = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--network=default",
                "--sysctl=net.core.no_such=1",
                image(archives),
                "/bin/true");

        assertThat(set.expect(0).out()).startsWith("999\n2000\t3000\n").doesNotContain(" 0\n");
        assertThat(missing.exitCode()).isEqualTo(125);
        assertThat(missing.err()).contains("--sysctl net.core.no_such=1: the machine's kernel has no parameter");
    }

    @Test
    void shouldKillAContainerThatIsUnwellWhenAskedTo(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--network=none",
                "--health-cmd=false",
                "--health-interval=500ms",
                "--health-retries=1",
                "--health-on-failure=kill",
                image(archives),
                "/bin/sleep",
                "600");

        outcome.expect(137);
    }

    @Test
    void shouldSayThatMemoryRanOutAndWhatToDo(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--name=hungry",
                "--network=none",
                "-m",
                "20m",
                image(archives),
                "/bin/sh",
                "-c",
                "exec tail /dev/zero");
        Outcome list = fcvm.run("ps", "-a");
        Outcome told = fcvm.run("inspect", "-f", "{{.State.ExitCode}} {{.State.OOMKilled}}", "hungry");
        fcvm.run("rm", "hungry").expect(0);

        assertThat(outcome.err())
                .contains(
                        "fcvm: memory ran out, and the kernel of the machine killed a process: --memory lets the container use"
                                + " 20 MiB; give it more\n");
        outcome.expect(137);
        assertThat(list.out()).contains("Exited (137), OOM ");
        assertThat(told.expect(0).out()).isEqualTo("137 true\n");
    }

    @Test
    void shouldPassOnAsManyArgumentsAsLinuxTakes(Fcvm fcvm, Archives archives) {
        List<String> run = new ArrayList<>(List.of("run", "--quiet", "--rm", "--network=none", image(archives)));
        run.addAll(List.of("/bin/sh", "-c", "printf %s \"$@\" | wc -c", "sh"));
        for (int i = 0; i < 13; i++) {
            run.add("x".repeat(120_000));
        }

        assertThat(fcvm.call(run).run().expect(0).out().strip()).isEqualTo("1560000");
    }

    @Test
    void shouldBeWhoTheCallerIsWithKeepId(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--network=none",
                "--userns=keep-id:uid=4321,gid=4322",
                image(archives),
                "/bin/id");

        String me = Child.of("id", "-un").run().out().strip();
        assertThat(outcome.expect(0).out()).startsWith("uid=4321(" + me + ") gid=4322(" + me + ")");
    }

    private static Set<String> all(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        pattern.matcher(text).results().forEach(match -> found.add(match.group(1)));
        return found;
    }

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
