package dev.fcvm.cli;

import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Goes through the commands a user waits for, so that the build can record which classes they need (an AOT cache, JEP
 * 483). Touches nothing but a directory it is given; boots no machine.
 */
public final class Training {

    private static final List<List<String>> COMMANDS = List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("run", "--help"),
            List.of("ps", "-a"),
            List.of("ps", "--json"),
            List.of("rm", "-f", "nothing"),
            List.of("images"),
            List.of("images", "--json"),
            List.of(
                    "run",
                    "--rm",
                    "--kvm=no",
                    "-e",
                    "A=B",
                    "-m",
                    "64m",
                    "--name",
                    "training",
                    "localhost/none:1",
                    "true"));

    private Training() {}

    /** Runs them, and shows how each ended. */
    public static void main(String[] arguments) throws Exception {
        Path data = Files.createTempDirectory("fcvm-training");
        for (List<String> command : COMMANDS) {
            var surroundings = new Surroundings(
                    Map.of("FCVM_DATA_DIR", data.toString(), "HOME", data.toString()),
                    () -> Channels.newChannel(java.io.InputStream.nullInputStream()),
                    OutputStream.nullOutputStream(),
                    System.err,
                    false,
                    Clock.systemUTC());
            int code = new Program(surroundings).run(command.toArray(String[]::new));
            System.err.println("fcvm " + String.join(" ", command) + ": " + code);
        }
        new ProcessBuilder("rm", "-rf", data.toString()).inheritIO().start().waitFor();
    }
}
