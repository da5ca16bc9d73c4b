package dev.fcvm.guest.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.system.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A script stands in for Podman, and another for the tool that sends signals: it writes down what it was told. */
@Timeout(60)
class SignalsTest {

    private TestGuest guest;
    private Path sent;
    private Path stop;
    private Child podman;
    private Signals signals;

    @BeforeEach
    void begin(@TempDir Path directory) throws Exception {
        sent = directory.resolve("sent");
        stop = directory.resolve("stop");
        Files.writeString(sent, "");
        guest = new TestGuest(directory).busybox("echo \"$@\" >> " + sent);
        Files.createDirectories(guest.files.state());
        new ProcessBuilder("mkfifo", stop.toString()).start().waitFor();
        podman = Child.start(List.of("/bin/cat", stop.toString()), Optional.empty(), false);
        signals = new Signals(guest.files, podman, guest.console);
    }

    @AfterEach
    void end() throws Exception {
        endPodman();
    }

    private void endPodman() throws Exception {
        if (podman.isAlive()) {
            Files.writeString(stop, "");
            podman.await();
        }
    }

    /** Has the container's first process be this program. */
    private void firstProcess(String program) throws IOException {
        Path process = Files.createDirectories(guest.files.processes().resolve("77"));
        Path fresh = process.resolve("fresh");
        Files.createSymbolicLink(fresh, Path.of(program));
        Files.move(fresh, process.resolve("exe"), StandardCopyOption.ATOMIC_MOVE);
        Files.writeString(guest.files.containerPid(), "77\n");
    }

    @Test
    void shouldHoldSignalsUntilTheContainersProgramRunsAndThenSendAllInOrder() throws Exception {
        signals.send(1);
        signals.send(15);
        firstProcess("/usr/bin/crun");
        signals.send(2);
        firstProcess("/memfd:crun_cloned:/proc/self/exe (deleted)");
        signals.send(10);
        firstProcess("/");
        signals.send(12);
        assertThat(sent).isEmptyFile();

        firstProcess("/app/server");

        TestGuest.await(() -> Files.readAllLines(sent).size() == 5);
        assertThat(sent).hasContent("kill -1 77\nkill -15 77\nkill -2 77\nkill -10 77\nkill -12 77\n");
        TestGuest.await(() -> guest.log().contains("signal 12 sent"));
    }

    @Test
    void shouldSendToAProgramWhoseNameOnlyBeginsLikeTheRuntimes() throws Exception {
        firstProcess("/opt/crunch/bin/crunch");
        signals.send(15);
        TestGuest.await(() -> Files.readAllLines(sent).size() == 1);
    }

    @Test
    void shouldRefuseNumbersThatAreNoSignal() throws Exception {
        firstProcess("/app");
        signals.send(0);
        signals.send(65);
        signals.send(-9);
        signals.send(64);
        TestGuest.await(() -> Files.readAllLines(sent).size() == 1);
        assertThat(sent).hasContent("kill -64 77\n");
        assertThat(guest.log())
                .contains("signal 0 refused")
                .contains("signal 65 refused")
                .contains("signal -9 refused");
    }

    @Test
    void shouldHoldSixtyFourSignalsAndRefuseTheNext() throws Exception {
        for (int i = 1; i <= 64; i++) {
            signals.send(10);
        }
        assertThat(guest.log()).doesNotContain("refused");
        signals.send(12);
        assertThat(guest.log()).contains("signal 12 refused");
        firstProcess("/app");
        TestGuest.await(() -> Files.readAllLines(sent).size() == 64);
        assertThat(Files.readAllLines(sent)).containsOnly("kill -10 77");
    }

    @Test
    void shouldDropWhatIsHeldWhenPodmanEndsWithoutAContainer() throws Exception {
        signals.send(15);
        endPodman();
        // One more is taken, and goes the way of the first.
        TestGuest.await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("signals")));
        assertThat(sent).isEmptyFile();
    }

    @Test
    void shouldSayThatASignalCameTooLate() throws Exception {
        guest.busybox("exit 1");
        firstProcess("/app");
        signals.send(9);
        guest.awaitLog("signal 9 came too late");
    }
}
