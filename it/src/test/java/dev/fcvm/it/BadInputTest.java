package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot work is refused before a machine is booted: in one line, with 125, and with nothing left behind. */
@MachineTest
class BadInputTest {

    @Test
    void shouldPointToInitWhenThereIsNoBase(Archives archives) {
        try (Fcvm fcvm = Fcvm.withoutBase()) {
            Complaint.alone(fcvm.run("run", "--quiet", "--rm", plain(archives), "true"), "fcvm init");
        }
    }

    @Test
    void shouldNotTakeAHalfMadeBaseForAWholeOne(Archives archives, Place place) {
        try (Fcvm fcvm = Fcvm.withBaseFile("base.json", place.root().resolve("missing"))) {
            Complaint.alone(fcvm.run("run", "--quiet", "--rm", plain(archives), "true"), "fcvm init");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oci-archive:/no/such/file.tar",
                "oci:/no/such/directory",
                "dir:/no/such/directory",
                "docker-archive:/no/such/file.tar",
                "containers-storage:localhost/no-such-image-anywhere:1",
                "127.0.0.1:1/unreachable/image:1",
                "no-such-transport:x:y:z",
                "Upper/Case",
                "name@sha256:abc",
                ""
            })
    void shouldNameAnImageThatCannotBeHad(String reference, Fcvm fcvm) {
        Outcome outcome = fcvm.run("run", "--quiet", "--rm", reference, "true");

        Complaint.alone(outcome, reference.replaceAll(".*[:/](?=[^:/]{3})", ""));
    }

    @Test
    void shouldRefuseAnArchiveThatIsCutShort(Fcvm fcvm, Archives archives, Place place) throws IOException {
        byte[] whole = Files.readAllBytes(archives.ociArchive(TestImages.plain()));
        Path cut = Files.write(place.root().resolve("cut.tar"), Arrays.copyOf(whole, whole.length / 2));

        Complaint.alone(fcvm.run("run", "--quiet", "--rm", "oci-archive:" + cut, "true"), "cut.tar");
    }

    @Test
    void shouldRefuseAnArchiveThatIsNotWhatItsDigestSays(Fcvm fcvm, Archives archives, Place place) throws IOException {
        byte[] bytes = Files.readAllBytes(archives.ociArchive(TestImages.plain()));
        // Somewhere in the middle of the large layer: tar itself is none the wiser.
        bytes[bytes.length / 2] ^= 1;
        Path flipped = Files.write(place.root().resolve("flipped.tar"), bytes);

        Complaint.alone(fcvm.run("run", "--quiet", "--rm", "oci-archive:" + flipped, "true"), "flipped.tar");
    }

    @Test
    void shouldRefuseAFileThatIsNoArchive(Fcvm fcvm, Place place) {
        Path file = place.file("words.tar", "not an archive at all\n");

        Complaint.alone(fcvm.run("run", "--quiet", "--rm", "oci-archive:" + file, "true"), "words.tar");
    }

    @ParameterizedTest
    @CsvSource({
        "--memory, 1k",
        "--memory, 999t",
        "--memory, -5m",
        "--cpus, one",
        "--cpus, 100000",
        "--cpus, NaN",
        "--name, ../../etc",
        "--name, .hidden",
        "--hostname, two words",
        "--mode, sideways",
        "--vmm, bochs",
        "--logs, some",
        "--podman-arg, -v",
        "--podman-arg, --volume=/:/host",
        "--podman-arg, --network=host",
        "--publish, 70000:80",
        "--network, nonsense",
        "--cidfile, /no/such/directory/cid",
        "--authfile, /no/such/file.json"
    })
    void shouldRefuseAValueThatMakesNoSense(String flag, String value, Fcvm fcvm, Archives archives) {
        Complaint.alone(fcvm.run("run", "--quiet", "--rm", flag, value, plain(archives), "true"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-v | /no/such:/b | no such file or directory",
                "--map | /etc | HOST:GUEST",
                "--map | /etc:data | must be absolute",
                "--map | /etc:/ | may not be /",
                "-v | /etc:/proc/sys | may not lie in /proc",
                "--mount | type=bind,src=/etc,dst=/dev/ | may not be /dev",
                "--map | /etc:/data,mode=fast | block, sshfs, nfs",
                "--map | /etc:/data,size=lots | such as 512m",
                "--map | /etc:/data,size=1k | too large for size=1024 bytes",
                "--map | /etc:/data,mode=sshfs,size=1g | for copies (mode=block)",
                "--map | /etc:/da:ta | invalid option \"ta\"",
                "--map | /e:tc:/data | for a path with a colon use --mount",
                "-v | /e:tc:/data:ro | for a path with a colon use --mount",
                "--map | /dev/null:/data | neither a directory nor a file",
                "--map | /:/data | where fcvm keeps its machines",
                "--mount | type=bind,src=/no/such,dst=/b | no such file or directory",
                "--mount | type=bind,src=/etc | must set volume destination",
                "-v | na/me:/b | is no name of a volume"
            })
    void shouldSayWhatIsWrongWithAMappingBeforeAnythingIsMade(
            String flag, String value, String words, Fcvm fcvm, Archives archives) {
        Complaint.in(fcvm.run("run", "--quiet", "--rm", flag, value, plain(archives), "true"), words);
    }

    @Test
    void shouldSayWhatIsMissingWhenThereIsNoQemu(Fcvm fcvm, Archives archives) {
        Outcome outcome = fcvm.call("run", "--quiet", "--rm", "--vmm", "qemu", plain(archives), "true")
                .env("FCVM_QEMU", "/no/such/qemu")
                .run();

        Complaint.alone(outcome, "/no/such/qemu");
    }

    @ParameterizedTest
    @CsvSource({"rmi, 1", "pull, 125", "rm, 1"})
    void shouldNameWhatCannotBeFoundWithPodmansExitCode(String verb, int code, Fcvm fcvm) {
        Outcome outcome = fcvm.run(verb, "localhost/never-heard-of-it");

        outcome.expect(code);
        assertThat(outcome.err())
                .startsWith("Error: ")
                .contains("never-heard-of-it")
                .hasLineCount(1);
    }

    @Test
    void shouldHelpWhenTheCommandIsUnknown(Fcvm fcvm) {
        Complaint.in(fcvm.run("rnu"), "rnu");
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
