package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user of the command line is told when Firecracker cannot do its work: one line, 125, and nothing is left. */
@MachineTest
final class FirecrackerCommandTest {

    private String image = "";

    @BeforeEach
    void onlyWithFirecracker(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "Firecracker's alone");
        image = "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    @Test
    void shouldTellAUserWhoMayNotUseKvmWhatToDo() {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            Child.of("setfacl", "-m", "u:" + user.name() + ":-", "/dev/kvm")
                    .run()
                    .expect(0);

            Outcome refused = fcvm.run("run", "--rm", "--quiet", image, "true");

            assertRefused(fcvm, refused, "/dev/kvm", "kvm", "--vmm qemu");
        }
    }

    @Test
    void shouldTellWhichFirecrackerIsMissing(Fcvm fcvm) {
        Path missing = fcvm.place().root().resolve("missing");
        assertRefused(fcvm, with(fcvm, missing), missing.toString());
    }

    @Test
    void shouldTellWhichFirecrackerIsNotExecutable(Fcvm fcvm) {
        Path plain = fcvm.place().file("plain", "no program");
        assertRefused(fcvm, with(fcvm, plain), plain.toString());
    }

    @Test
    void shouldTellTheLastWordsOfAProgramThatIsNoFirecracker(Fcvm fcvm) {
        Path wrong = Genuine.script(fcvm.place(), "wrong", "echo 'not me' >&2; exit 3");
        assertRefused(
                fcvm, with(fcvm, wrong, "--mode", "rootless"), wrong.toString(), "ended with exit code 3: not me");
    }

    @Test
    void shouldGiveUpAProgramThatHangsInsteadOfAnswering(Fcvm fcvm) {
        Path hanging = Genuine.script(fcvm.place(), "hanging", "exec sleep 1000");
        assertRefused(fcvm, with(fcvm, hanging, "--mode", "rootless"), "within 10 s; is " + hanging + " Firecracker?");
    }

    @Test
    void shouldTellBeforeAnythingIsMadeThatKvmIsNotToBeUsedAndWhatToDo(Fcvm fcvm) {
        Outcome refused = fcvm.call("run", "--rm", "--quiet", image, "true")
                .env("FCVM_VMM", "firecracker")
                .env("FCVM_KVM", "no")
                .run();
        assertRefused(fcvm, refused, "firecracker cannot run here: FCVM_KVM=no forbids KVM; use --vmm qemu");
    }

    @Test
    void shouldTellBeforeAnythingIsMadeThatThisKvmRunsNoGuests(Fcvm fcvm) {
        assumeTrue(fcvm.lane().kernel().isPresent(), "this host's KVM runs ordinary guests");
        Outcome refused = fcvm.call("run", "--rm", "--quiet", image, "true")
                .env("FCVM_VMM", "firecracker")
                .env("FCVM_KVM", "auto")
                .run();
        assertRefused(fcvm, refused, "firecracker cannot run here: ", "KVM", "use --vmm qemu");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0.25.2 | firecracker 0.25.2 is too old: take 1.1.0 or newer
            latest | firecracker says it is of version 'latest
            """)
    void shouldRefuseAStandInWhoseVersionIsTooOldOrNone(String version, String words, Fcvm fcvm) throws Exception {
        assertRefused(fcvm, with(fcvm, Genuine.standIn(fcvm.place(), version)), words);
    }

    @Test
    void shouldRunAContainerWithAStandInWhoseVersionIsNewerThanAllWeKnow(Fcvm fcvm) throws Exception {
        Path standIn = Genuine.standIn(fcvm.place(), "9.99.9");
        Outcome outcome = fcvm.call("run", "--rm", "--quiet", image, "/bin/busybox", "sh", "-c", "echo hello; exit 7")
                .env("FIRECRACKER_BIN", standIn.toString())
                .run();
        outcome.expect(7);
        assertThat(outcome.out()).isEqualTo("hello\n");
        assertThat(outcome.err()).isEmpty();
        assertThat(fcvm.leaks()).isEmpty();
    }

    @Test
    void shouldTellThatItsFirecrackerWasKilled(Fcvm fcvm) {
        try (Child run = fcvm.call("run", "--rm", "--quiet", image, "/bin/signals", "TERM")
                .start()) {
            run.awaitOut("ready\n");
            MachineId id =
                    new MachineId(fcvm.machines().getFirst().getFileName().toString());
            new MachineProcesses(id).killAll();
            Outcome killed = run.outcome();
            killed.expect(125);
            assertThat(killed.err()).contains("killed by signal 9");
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    private Outcome with(Fcvm fcvm, Path program, String... flags) {
        String[] words = Stream.of(Stream.of("run", "--rm", "--quiet"), Stream.of(flags), Stream.of(image, "true"))
                .flatMap(each -> each)
                .toArray(String[]::new);
        return fcvm.call(words).env("FIRECRACKER_BIN", program.toString()).run();
    }

    private static void assertRefused(Fcvm fcvm, Outcome refused, String... words) {
        refused.expect(125);
        assertThat(refused.err()).contains(words);
        assertThat(refused.err().strip().lines()).hasSize(1);
        assertThat(fcvm.machines()).isEmpty();
        assertThat(fcvm.leaks()).isEmpty();
    }
}
