package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the genuine jailer takes and refuses; no guest runs. */
@MachineTest
@Timeout(60)
final class GenuineJailerTest {

    @Test
    void shouldRefuseAMachineWithoutAnId(Place place) {
        assertThat(Child.of(
                                Genuine.jailer().toString(),
                                "--id",
                                "",
                                "--exec-file",
                                Genuine.firecracker().toString(),
                                "--uid",
                                "12345",
                                "--gid",
                                "12345",
                                "--chroot-base-dir",
                                place.root().toString())
                        .run()
                        .err())
                .contains("Invalid instance ID: Invalid len (0);  the length must be between 1 and 64");
    }

    @Test
    void shouldLimitTheProcessAndWriteItsId(Place place) throws Exception {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "the jailer needs root");
        // What it starts keeps its streams for life.
        Child.of(
                        "sh",
                        "-c",
                        "exec \"$@\" >/dev/null 2>&1",
                        "sh",
                        Genuine.jailer().toString(),
                        "--id",
                        "jailer-test",
                        "--exec-file",
                        Genuine.firecracker().toString(),
                        "--uid",
                        "12345",
                        "--gid",
                        "12345",
                        "--chroot-base-dir",
                        place.root().toString(),
                        "--resource-limit",
                        "no-file=1024",
                        "--new-pid-ns",
                        "--",
                        "--api-sock",
                        "/api.sock")
                .run()
                .expect(0);
        String name = Genuine.firecracker().getFileName().toString();
        Path jail = place.root().resolve(name).resolve("jailer-test").resolve("root");
        long pid = Long.parseLong(Files.readString(jail.resolve(name + ".pid")).strip());
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        try {
            assertThat(Files.readString(Path.of("/proc/" + pid + "/limits")))
                    .containsPattern("Max open files +1024 +1024 ");
            assertThat(Files.readString(Path.of("/proc/" + pid + "/status"))).contains("NSpid:\t" + pid + "\t1\n");
        } finally {
            process.destroyForcibly();
            process.onExit().get(10, TimeUnit.SECONDS);
        }
    }
}
