package dev.fcvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.command.CommandContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands for networks that join machines: exit codes and output are what Podman 4.3.1 has, where it has them. */
final class NetworkCommandsTest {

    @TempDir
    Path directory;

    @Test
    void shouldPrintTheNameOfWhatItMakesAndRemoves() {
        assertThat(run("network", "create", "one")).isEqualTo(new Outcome(0, "one\n", ""));
        assertThat(run("network", "create", "--subnet", "10.90.7.0/24", "two")).isEqualTo(new Outcome(0, "two\n", ""));
        assertThat(run("network", "ls", "-q")).isEqualTo(new Outcome(0, "one\ntwo\n", ""));
        assertThat(run("network", "rm", "one", "two")).isEqualTo(new Outcome(0, "one\ntwo\n", ""));
        assertThat(run("network", "list", "--quiet")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void shouldShowThemAsATableAndAsJson() {
        assertThat(run("network", "ls").out()).matches("NETWORK ID {4}NAME {20}SUBNET {14}MACHINES\n");
        run("network", "create", "one", "--subnet=10.90.7.0/24");
        assertThat(run("network", "ls").out()).matches("NETWORK ID.*\n[0-9a-f]{12}  one {21}10\\.90\\.7\\.0/24 {8}0\n");
        String json = "\\[\\{\"name\":\"one\",\"id\":\"[0-9a-f]{32}\",\"created\":\"2026-01-02T03:04:05Z\","
                + "\"subnet\":\"10.90.7.0/24\",\"machines\":\\[]}]\n";
        assertThat(run("network", "ls", "--json").out()).matches(json);
        assertThat(run("network", "inspect", "one").out()).matches(json);
    }

    @Test
    void shouldShowWhatThereIsWhenOneIsNot() {
        run("network", "create", "one");
        Outcome outcome = run("network", "inspect", "nope", "one");
        assertThat(outcome.code()).isEqualTo(125);
        assertThat(outcome.out()).contains("\"name\":\"one\"");
        assertThat(outcome.error())
                .startsWith("Error: there is no network \"nope\"")
                .hasLineCount(1);
    }

    @Test
    void shouldExitWithOneWhereThereIsNothingToRemoveUnlessForced() {
        run("network", "create", "one");
        Outcome outcome = run("network", "rm", "nope", "one");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEqualTo("one\n");
        assertThat(run("network", "rm", "-f", "nope")).isEqualTo(new Outcome(0, "", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "none", "a b", "-x", "", "../x"})
    void shouldMakeNothingOfAWrongName(String name) {
        Outcome outcome = run("network", "create", "--", name);
        assertThat(outcome.code()).isEqualTo(125);
        assertThat(outcome.error()).startsWith("Error: ").hasLineCount(1);
        assertThat(run("network", "ls", "-q").out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "network, no command was given",
        "network inspect, NETWORK",
        "network rm, NETWORK",
        "network create, NAME",
        "network create a b, b",
        "network create a --subnet x, --subnet is"
    })
    void shouldSayWhatIsMissingInOneLine(String words, String what) {
        Outcome outcome = run(words.split(" "));
        assertThat(outcome.code()).isEqualTo(125);
        assertThat(outcome.error()).startsWith("Error: ").contains(what).hasLineCount(1);
    }

    private record Outcome(int code, String out, String error) {}

    private Outcome run(String... arguments) {
        var output = new ByteArrayOutputStream();
        var error = new ByteArrayOutputStream();
        int code = new Program(CommandContext.of(
                                Map.of(
                                        "HOME", directory.toString(),
                                        "FCVM_DATA_DIR",
                                                directory.resolve("data").toString(),
                                        "XDG_RUNTIME_DIR", directory.toString()),
                                new CommandContext.Streams(
                                        () -> {
                                            throw new IllegalStateException("nothing is read");
                                        },
                                        output,
                                        error,
                                        false,
                                        false))
                        .at(Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC)))
                .run(arguments);
        return new Outcome(code, output.toString(StandardCharsets.UTF_8), error.toString(StandardCharsets.UTF_8));
    }
}
