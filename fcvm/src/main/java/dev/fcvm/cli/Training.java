package dev.fcvm.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The training run of the program's AOT cache (JEP 483): goes through the commands a user waits for, in a data directory
 * of its own, so that their classes are loaded and linked ahead of time. Used by the build alone.
 */
public final class Training {

    private static final List<List<String>> COMMANDS = List.of(
            List.of("--version"),
            List.of("images"),
            List.of("images", "--format", "json"),
            List.of("ps", "-a"),
            List.of("run", "--help"),
            List.of("run", "--rm", "--quiet", "-e", "A=b", "-m", "256m", "--cpus", "1", "oci:/nonexistent", "true"));

    private Training() {}

    /** Runs every command once; what they say and whether they succeed does not matter. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("fcvm-training");
        try {
            var environment = Map.of(
                    "HOME", directory.toString(),
                    "FCVM_DATA_DIR", directory.resolve("data").toString(),
                    "XDG_RUNTIME_DIR", directory.toString(),
                    "PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"),
                    "FCVM_HOME", System.getenv().getOrDefault("FCVM_HOME", "."));
            for (List<String> command : COMMANDS) {
                var surroundings = new Surroundings(
                        environment,
                        () -> Channels.newChannel(new java.io.ByteArrayInputStream(new byte[0])),
                        new ByteArrayOutputStream(),
                        new ByteArrayOutputStream(),
                        false,
                        Clock.systemUTC());
                new Program(surroundings).run(command.toArray(String[]::new));
            }
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException stays) {
                    throw new UncheckedIOException("cannot remove " + file, stays);
                }
            });
        }
    }
}
