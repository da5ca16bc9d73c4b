package dev.fcvm.it;

import static dev.fcvm.it.ParityCases.command;
import static dev.fcvm.it.ParityCases.shell;

import dev.fcvm.it.harness.TestImages;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The parity table's rows about ends: exit codes, and what Podman refuses. */
final class ParityFailures {

    private ParityFailures() {}

    static List<ParityCase> all() {
        List<ParityCase> all = new ArrayList<>();
        Stream<ParityCase> codes =
                IntStream.of(1, 42, 125, 126, 127).mapToObj(code -> shell("exit code " + code, "exit " + code));
        all.addAll(codes.toList());
        all.addAll(List.of(
                command("a command that does not exist", List.of(), "no-such-command")
                        .complains(),
                command("a path that does not exist", List.of(), "/no/such/path")
                        .complains(),
                command("a command that is not executable", List.of(), "/bin/not-executable")
                        .complains(),
                command("a command that is a directory", List.of(), "/etc").complains(),
                command("a command of no known format", List.of(), "/bin/no-format")
                        .runtimeComplains(),
                command("a script without its interpreter", List.of(), "/bin/no-interpreter")
                        .runtimeComplains(),
                command("an empty command", List.of(), "").complains(),
                command("--entrypoint that does not exist", List.of("--entrypoint", "/nope"), "x")
                        .complains(),
                command("an unknown user", List.of("-u", "nobody-here"), "id").complains(),
                command("an unknown group", List.of("-u", "app:nobody-here"), "id")
                        .complains(),
                command("-w that is a file", List.of("-w", "/etc/passwd"), "pwd")
                        .complains(),
                command("-w that is relative", List.of("-w", "home"), "pwd").complains(),
                command("an unknown flag", List.of("--no-such-flag"), "true").complains(),
                command("a flag without its value", List.of("--memory"), "true").complains(),
                command("--memory that is no size", List.of("-m", "lots"), "true")
                        .complains(),
                command("--cpus that is no number", List.of("--cpus", "many"), "true")
                        .complains(),
                command("-e without a name", List.of("-e", "=x"), "true").complains(),
                command("--env-file that does not exist", List.of("--env-file", "{dir}/none"), "true")
                        .complains(),
                command("--name with a blank", List.of("--name", "two words"), "true")
                        .complains(),
                command("--cap-add of nothing known", List.of("--cap-add", "NO_SUCH"), "true")
                        .complains(),
                command("--tmpfs that is relative", List.of("--tmpfs", "tmp"), "true")
                        .complains(),
                command("--pull with an unknown word", List.of("--pull", "sometimes"), "true")
                        .complains(),
                command("--cidfile that exists", List.of("--cidfile", "{dir}/cid"), "true")
                        .file("cid", "x")
                        .complains()
                        .exits("refused, as docker and Podman 4 do; Podman 5 writes over it", 125),
                command("--entrypoint with broken JSON", List.of("--entrypoint", "[\"/bin/sh\""), "-c", "true")
                        .complains(),
                command("an image without a command", List.of())
                        .on(TestImages.plain().configured("mute", java.util.Map.of()))
                        .complains()
                        .exits("refused before anything starts, as docker and Podman 4 do; Podman 5 starts it", 125)));
        return all;
    }
}
