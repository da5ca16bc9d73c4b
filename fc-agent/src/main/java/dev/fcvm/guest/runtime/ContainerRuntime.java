package dev.fcvm.guest.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The OCI runtime that made a container, as conmon was told to ask it. Podman asks it for each command beside the
 * container, too, and takes ten times as long for its own start and end as the runtime takes for the command.
 *
 * @param program the runtime
 * @param container what it calls the container
 * @param bundle the directory that describes the container
 */
public record ContainerRuntime(String program, String container, Path bundle) {

    /** The one whose ways are known here: when it writes a process id, and that it leads the command's signals on. */
    private static final String KNOWN = "crun";

    private static final String ARGUMENT = "--runtime-arg";

    /**
     * Finds it.
     *
     * @param commandLine conmon's, as the kernel tells it (proc_pid_cmdline(5))
     * @param name what Podman calls the container
     * @return null when it is not conmon of that container, or the runtime is another one or wants more arguments
     */
    static @Nullable ContainerRuntime of(Path commandLine, String name) throws IOException {
        String[] words = new String(Files.readAllBytes(commandLine), StandardCharsets.UTF_8).split("\0", -1);
        Map<String, String> values = new TreeMap<>();
        List<String> arguments = new ArrayList<>();
        for (int i = 1; i + 1 < words.length; i++) {
            String word = words[i];
            if (word.equals(ARGUMENT)) {
                arguments.add(words[++i]);
            } else if (word.startsWith(ARGUMENT + "=")) {
                arguments.add(word.substring(ARGUMENT.length() + 1));
            } else if (word.equals("-r") || word.equals("-c") || word.equals("-b") || word.equals("-n")) {
                values.putIfAbsent(word, words[++i]);
            }
        }
        String program = values.getOrDefault("-r", "");
        String container = values.getOrDefault("-c", "");
        String bundle = values.getOrDefault("-b", "");
        if (!program.endsWith("/" + KNOWN)
                || container.isEmpty()
                || bundle.isEmpty()
                || !name.equals(values.get("-n"))
                || !areOfItsLog(arguments)) {
            return null;
        }
        return new ContainerRuntime(program, container, Path.of(bundle));
    }

    /**
     * Returns the file in which the runtime has written the process id of a container's first process.
     *
     * @param commandLine conmon's, as the kernel tells it
     * @return null when it does not say, or has ended
     */
    public static @Nullable Path pidFile(Path commandLine) throws IOException {
        String[] words = new String(Files.readAllBytes(commandLine), StandardCharsets.UTF_8).split("\0", -1);
        for (int i = 1; i + 1 < words.length; i++) {
            if (words[i].equals("-p") || words[i].equals("--container-pidfile")) {
                return Path.of(words[i + 1]);
            }
        }
        return null;
    }

    private static boolean areOfItsLog(List<String> arguments) {
        String before = "";
        for (String argument : arguments) {
            if (!argument.startsWith("--log") && !before.equals("--log")) {
                return false;
            }
            before = argument;
        }
        return true;
    }

    /** Returns what it was told about the container's own process: an object of the OCI's runtime specification. */
    Map<String, String> process() throws IOException {
        Map<String, String> whole = JsonObject.members(Files.readString(bundle.resolve("config.json")));
        String process = whole.get("process");
        if (process == null) {
            throw new IOException("a container without a process");
        }
        return JsonObject.members(process);
    }

    /**
     * Returns the command line that runs one more process.
     *
     * @param process the file that describes it
     * @param pid where its process id is written, once it runs
     */
    List<String> exec(Path process, Path pid) {
        return List.of(program, "exec", "--pid-file", pid.toString(), "--process", process.toString(), container);
    }
}
