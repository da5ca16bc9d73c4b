package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.OUTSIDE;
import static dev.fcvm.it.net.Town.PORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A run on a KVM that runs guests, with the base's own kernel: on each monitor one machine that shows all a run has. The
 * machine boots once for all of it, since where KVM is emulated that takes half a minute; twice as long with two
 * processors, so that each monitor has them in one mode only.
 */
abstract class RunOnKvm extends InTown {

    private static final String SCRIPT = """
            read -r line
            echo "typed: $line"
            echo "an error" >&2
            echo "kernel: $(uname -r)"
            echo "processors: $(nproc), limit: $(cat /sys/fs/cgroup/cpu.max)"
            echo "egress: $(timeout 30 nc -w 20 %s %d)"
            exec /bin/serve
            """.formatted(OUTSIDE, PORT);

    /** Returns the value of {@code --cpus} in Firecracker, 1 or 2; QEMU's is the other one. */
    abstract int processorsInFirecracker();

    @Test
    void shouldShowAllOfARunInFirecracker() throws IOException {
        shouldShowAllOfARun("firecracker", processorsInFirecracker(), "--api-sock");
    }

    @Test
    void shouldShowAllOfARunInQemuWithKvm() throws IOException {
        shouldShowAllOfARun("qemu", 3 - processorsInFirecracker(), "-accel kvm");
    }

    private void shouldShowAllOfARun(String vmm, int cpus, String words) throws IOException {
        List<String> flags = List.of(
                "--vmm", vmm, "--mode", mode(), "--network", "default", "--cpus", "" + cpus, "-p", "127.0.0.1:8080:80");
        try (Child machine = home.call("run", "--rm", "-i")
                .with(flags.toArray(String[]::new))
                .with(image, "sh", "-c", SCRIPT)
                .stdin("a word\n".getBytes(StandardCharsets.UTF_8))
                .start()) {
            machine.awaitOut("ready\n");

            assertThat(machine.outSoFar().lines())
                    .containsExactly(
                            "typed: a word",
                            "kernel: " + Fcvm.kernelRelease(),
                            "processors: %d, limit: %d00000 100000".formatted(cpus, cpus),
                            "egress: outside to " + HOST,
                            "ready");
            assertThat(machine.errSoFar()).isEqualTo("an error\n");
            assertThat(commandLine(Town.monitor(fcvm))).contains(words);
            String answer = town.host().http("127.0.0.1", 8080);
            assertThat(answer).isEqualTo("200 guest to " + callerFromLoopback(answer));
            end(machine);
        }
        assertThat(town.host().http("127.0.0.1", 8080)).isEqualTo("nobody");
    }

    private static String commandLine(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                .replace('\0', ' ');
    }
}
