package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Machines beside each other, and what can be asked about them. */
@MachineTest
class SeveralMachinesTest {

    @Test
    void shouldRunTwoMachinesAtOnceWithoutMixingAnything(Fcvm fcvm, Archives archives, Place place) throws IOException {
        String image = plain(archives);
        Path cidFile = place.root().resolve("cid");
        String script = "echo $HOSTNAME; echo private > /only-here; cat; ls /only-here; exit $CODE";
        try (Child one = fcvm.call(
                                "run",
                                "-i",
                                "--rm",
                                "--name",
                                "one",
                                "--hostname",
                                "one",
                                "-e",
                                "CODE=11",
                                "--cidfile",
                                cidFile.toString(),
                                image,
                                "/bin/signals",
                                "TERM")
                        .stdin(new byte[0])
                        .start();
                Child two = fcvm.call(
                                "run",
                                "-i",
                                "--rm",
                                "--name",
                                "two",
                                "--hostname",
                                "two",
                                "-e",
                                "CODE=22",
                                image,
                                "/bin/sh",
                                "-c",
                                script)
                        .stdin("only for two\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .start()) {
            Outcome second = two.outcome().expect(22);
            assertThat(second.out()).isEqualTo("two\nonly for two\n/only-here\n");

            one.awaitOut("ready\n");
            Complaint.alone(fcvm.run("run", "--quiet", "--rm", "--name", "one", image, "true"), "\"one\" is already");
            assertThat(Files.readString(cidFile).strip()).matches("[0-9a-f]{32,64}");
            Outcome listed = fcvm.run("ps");
            assertThat(listed.expect(0).out()).contains(" one\n").doesNotContain(" two\n");
            Complaint.withCode(2, fcvm.run("rm", "one"), "machine one is running");
            one.signal("TERM");
            one.outcome().expect(40);
        }
        assertThat(fcvm.run("ps", "-a").expect(0).out().lines()).hasSize(1);
    }

    @Test
    void shouldKeepAMachineUntilItIsRemoved(Fcvm fcvm, Archives archives) {
        fcvm.run("run", "--quiet", "--name", "kept", plain(archives), "/bin/sh", "-c", "echo x; exit 5")
                .expect(5);

        assertThat(fcvm.run("ps").expect(0).out()).doesNotContain("kept");
        Map<?, ?> machine = (Map<?, ?>)
                Json.list(fcvm.run("ps", "-a", "--json").expect(0).out()).getFirst();
        assertThat(machine.get("name")).isEqualTo("kept");
        assertThat(String.valueOf(machine.get("exitCode"))).startsWith("5");
        Complaint.alone(fcvm.run("run", "--rm", "--quiet", "--name", "kept", plain(archives), "true"), "kept");
        fcvm.run("rm", "kept").expect(0);
        assertThat(fcvm.leaks()).isEmpty();
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
