package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import org.junit.jupiter.api.Test;

/** The inside of a machine: that it is one, its process 1, and its console. */
@MachineTest
class GuestTest {

    private static final long CONSOLE_BOUND = 2L << 20;

    @Test
    void shouldBeAnotherMachineThanTheHost(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "-m",
                "300m",
                plain(archives),
                "/bin/sh",
                "-c",
                "uname -r; cat /proc/sys/kernel/random/boot_id; grep MemTotal /proc/meminfo; ls /sys/class/net");

        String host = Child.of("cat", "/proc/sys/kernel/random/boot_id").run().out();
        assertThat(outcome.expect(0).out()).doesNotContain(host).endsWith("lo\n");
    }

    @Test
    void shouldRunAContainerUnderSystemd(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.call(
                        "run",
                        "--quiet",
                        "--rm",
                        "--privileged",
                        "--podman-arg=--pid=host",
                        plain(archives),
                        "/bin/sh",
                        "-c",
                        "cat /proc/1/comm; exit 4")
                .env("FCVM_INIT", "systemd")
                .run();

        outcome.expect(4);
        assertThat(outcome.out()).isEqualTo("systemd\n");
    }

    @Test
    void shouldKeepTheConsolesLogBoundedWhileTheGuestFloodsIt(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().kernel().isEmpty(), "a KVM that needs a kernel of its own passes 8 KB a second here");
        try (Child child = fcvm.call(
                        "run",
                        "--quiet",
                        "--rm",
                        "--privileged",
                        plain(archives),
                        "/bin/sh",
                        "-c",
                        "mknod /tmp/console c 5 1; i=0; while [ $i -lt 120 ]; do head -c 16384 /dev/zero | tr '\\0' x;"
                                + " echo; i=$((i+1)); done > /tmp/console; echo flooded; read wait; echo done")
                .stdin(new byte[0])
                .start()) {
            long most = 0;
            long deadline = System.nanoTime() + Fcvm.BOOT.toNanos();
            while (child.isAlive()) {
                assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
                for (var machine : fcvm.machines()) {
                    most = Math.max(
                            most, machine.resolve("console.log").toFile().length());
                }
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
            child.outcome().expect(0);
            assertThat(most).isPositive().isLessThan(CONSOLE_BOUND);
        }
    }

    @Test
    void shouldLoseTheRunInOneLineWhenTheAgentIsKilled(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.run(
                "run",
                "--quiet",
                "--rm",
                "--privileged",
                "--podman-arg=--pid=host",
                plain(archives),
                "/bin/sh",
                "-c",
                "for p in /proc/[0-9]*; do grep -q [d]ev.fcvm.guest $p/cmdline 2>/dev/null && kill -9 ${p#/proc/}; done;"
                        + " sleep 100");

        assertThat(outcome.exitCode()).isEqualTo(125);
        assertThat(outcome.err()).contains("Error: ").doesNotContain("Exception");
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
