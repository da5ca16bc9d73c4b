package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import dev.fcvm.machine.live.RehearsalVmm;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.module.ModuleReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Goes through the commands a user waits for, so that the build can record which classes they need (an AOT cache, JEP
 * 483). Touches nothing but a directory of its own; boots no machine.
 */
public final class Training {

    private static final List<List<String>> COMMANDS = List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("run", "--help"),
            List.of("images"),
            List.of("images", "--json"),
            List.of("run", "--rm", "--network=none", "-e", "A=B", "-m", "64m", RehearsalVmm.IMAGE, "true"),
            List.of("run", "--rm", "--network=none", "--quiet", "localhost/rehearsal:1"),
            List.of("run", "--network=none", "--name", "training", "--timings=json", "localhost/rehearsal:1"),
            List.of("run", "--rm", "--network=none", "--init", "--shm-size=1m", "localhost/rehearsal:1"),
            List.of("config", "show", "--origin"),
            List.of("ps", "-a"),
            List.of("ps", "--json"),
            List.of("rm", "training"),
            List.of("rm", "-f", "nothing"));

    private static final List<List<String>> REFUSED =
            List.of(List.of("port", "nothing"), List.of("run", "--rm", "--pull=never", "localhost/none:1", "true"));

    private Training() {}

    /**
     * Runs them.
     *
     * @throws IllegalStateException when one ends otherwise than it should: the cache would lack what comes after
     */
    public static void main(String[] arguments) throws Exception {
        loadOwnClasses();
        Path data = Files.createTempDirectory("fcvm-training");
        RehearsalVmm.furnish(data);
        Path mapped = Files.createTempDirectory("fcvm-training-mapped");
        Files.writeString(Files.createDirectory(mapped.resolve("below")).resolve("file"), "content");
        for (List<String> command : COMMANDS) {
            expect(0, data, command);
        }
        for (List<String> command : mapping(mapped)) {
            expect(0, data, command);
        }
        for (List<String> command : REFUSED) {
            expect(Program.FAILED, data, command);
        }
        SupervisorTraining.run(
                data, environment(data), List.of(List.of("images"), List.of("ps"), List.of("images", "--json")));
        new ProcessBuilder("rm", "-rf", data.toString(), mapped.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Runs with directories: a copy that is made, the same one from the cache, one that comes back, and a live one. */
    private static List<List<String>> mapping(Path directory) {
        return Stream.of("ro", "ro", "rw", "rw,mode=sshfs")
                .map(how -> List.of(
                        "run", "--rm", "--network=none", "--map", directory + ":/mapped:" + how, RehearsalVmm.IMAGE))
                .toList();
    }

    private static Map<String, String> environment(Path data) {
        return Map.of(
                "FCVM_DATA_DIR",
                data.toString(),
                "HOME",
                data.toString(),
                "XDG_RUNTIME_DIR",
                data.toString(),
                // Where it is built there may be no cgroups.
                "FCVM_NO_LIMITS",
                "yes");
    }

    private static void expect(int code, Path data, List<String> command) {
        var context = CommandContext.of(
                environment(data), CommandContext.Streams.of(OutputStream.nullOutputStream(), System.err));
        int ended = new Program(context, _ -> RehearsalVmm.choice()).run(command.toArray(String[]::new));
        if (ended != code) {
            throw new IllegalStateException("fcvm %s ended with %d".formatted(String.join(" ", command), ended));
        }
    }

    /** The monitors' rooms, which no rehearsal enters. */
    private static void loadOwnClasses() throws IOException, ClassNotFoundException {
        for (String module : List.of("dev.fcvm", "dev.fcvm.link", "dev.fcvm.plan")) {
            var found = ModuleLayer.boot().configuration().findModule(module);
            if (found.isEmpty()) {
                continue; // from the class path, as in a test
            }
            try (ModuleReader reader = found.get().reference().open()) {
                for (String file : reader.list().toList()) {
                    if (file.endsWith(".class") && !file.endsWith("-info.class")) {
                        String name = file.substring(0, file.length() - ".class".length())
                                .replace('/', '.');
                        Class.forName(name, false, Training.class.getClassLoader());
                    }
                }
            }
        }
    }
}
