package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the launcher does with a terminal that a command wants raw, on a real pseudo-terminal. The supervisor is played
 * (terminal.py), so that it can be made to vanish or to talk nonsense at just the right moment.
 */
@MachineTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TerminalTest {

    /** Where a launcher of this class's user looks for its supervisor. */
    private Optional<Path> socket = Optional.empty();

    @ParameterizedTest
    @ValueSource(strings = {"exit", "cooked", "keys", "resize", "signal", "stop", "killed", "gone", "nonsense"})
    void shouldLeaveTheTerminalAsItWas(String way, Fcvm fcvm, Place place) throws IOException {
        Path script = place.root().resolve("terminal.py");
        try (InputStream source =
                Objects.requireNonNull(TerminalTest.class.getResourceAsStream("/dev/fcvm/it/supervisor/terminal.py"))) {
            Files.copy(source, script);
        }
        Path there = socket.isPresent() ? socket.get() : find(fcvm);
        socket = Optional.of(there);
        String launcher = Place.setting("FCVM_TEST_LAUNCHER", "../build/dist/bin/fcvm");
        Outcome outcome = Child.of(
                        "setsid",
                        "--wait",
                        "python3",
                        script.toString(),
                        there.toString(),
                        Path.of(launcher).toRealPath().toString(),
                        way)
                .env("HOME", fcvm.home().toString())
                .env("FCVM_DATA_DIR", fcvm.data().toString())
                .env("XDG_RUNTIME_DIR", fcvm.runtime().toString())
                .env("FCVM_SUPERVISOR", "auto")
                .run();
        Files.deleteIfExists(there);

        assertThat(outcome.out()).isEqualTo("ok\n");
        outcome.expect(0);
    }

    private static Path find(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            return user.socket();
        }
    }
}
