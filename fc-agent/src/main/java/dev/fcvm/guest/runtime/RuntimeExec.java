package dev.fcvm.guest.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One more command in a container that runs, as the container's OCI runtime is asked for it. What it is told is what Podman
 * would tell it, made from what Podman has told it of the container itself. Closing takes back the files it was told in.
 */
public final class RuntimeExec implements AutoCloseable {

    private static final String DIRECTORY = "--workdir=";
    private static final Pattern LAST_HOSTNAME = Pattern.compile("\"HOSTNAME=[^\"]*\"\\s*]$");

    private final List<String> line;
    private final Path process;
    private final Path pid;

    private RuntimeExec(ContainerRuntime runtime, Path process, Path pid) {
        this.line = runtime.exec(process, pid);
        this.process = process;
        this.pid = pid;
    }

    /**
     * What is asked for.
     *
     * @param options of {@code podman exec}
     * @param environment more variables, {@code NAME=VALUE} each
     */
    public record Wish(List<String> options, List<String> command, List<String> environment) {}

    /**
     * Makes ready to ask.
     *
     * @param conmon its command line, as the kernel tells it
     * @param name what Podman calls the container
     * @param files begins the names of the files it is told in, which nobody else uses
     * @return null when only Podman can do it: it knows users, and privileges, and other runtimes
     * @throws IOException when what Podman has written of the container cannot be read, or a file not be written
     */
    public static @Nullable RuntimeExec prepare(Path conmon, String name, Path files, Wish wish) throws IOException {
        String directory = null;
        for (String option : wish.options()) {
            if (!option.startsWith(DIRECTORY)) {
                return null;
            }
            directory = option.substring(DIRECTORY.length());
        }
        // JSON could say it, and a command line could not.
        if (String.join("", wish.command()).indexOf('\0') >= 0) {
            return null;
        }
        ContainerRuntime runtime = ContainerRuntime.of(conmon, name);
        Map<String, String> process = runtime == null ? null : process(runtime.process(), wish, directory);
        if (runtime == null || process == null) {
            return null;
        }
        Path document = files.resolveSibling(files.getFileName() + ".json");
        Path pid = files.resolveSibling(files.getFileName() + ".pid");
        Files.deleteIfExists(document);
        Files.deleteIfExists(pid);
        var exec = new RuntimeExec(runtime, document, pid);
        // It holds the environment.
        Files.createFile(document, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(document, JsonObject.of(process));
        } catch (IOException e) {
            exec.close();
            throw e;
        }
        return exec;
    }

    /** As Podman does it (libpod, prepareProcessExec), of whom nothing but the result is known here. */
    private static @Nullable Map<String, String> process(
            Map<String, String> containers, Wish wish, @Nullable String directory) throws IOException {
        // Another user is looked up anew for each command, since the container may have changed its users by now; and
        // with
        // other groups than the container's own process.
        Map<String, String> user = JsonObject.members(containers.getOrDefault("user", "{}"));
        String environment = containers.get("env");
        String limits = containers.getOrDefault("rlimits", "");
        if (!"0".equals(user.get("uid"))
                || !"0".equals(user.get("gid"))
                || user.containsKey("additionalGids")
                || environment == null
                // One that nobody has given it stands last, and is the container's own process's alone.
                || LAST_HOSTNAME.matcher(environment).find()
                // The limits are the container's own. Where it has none, the command would have the agent's.
                || !limits.contains("\"RLIMIT_NOFILE\"")
                || !limits.contains("\"RLIMIT_NPROC\"")) {
            return null;
        }
        Map<String, String> process = new LinkedHashMap<>(containers);
        process.remove("terminal");
        process.remove("consoleSize");
        process.put("args", JsonObject.array(wish.command()));
        process.put("env", longer(environment, wish.environment()));
        if (directory != null) {
            process.put("cwd", JsonObject.quoted(directory));
        }
        String capabilities = containers.get("capabilities");
        if (capabilities != null) {
            process.put("capabilities", ofRoot(JsonObject.members(capabilities)));
        }
        return process;
    }

    private static String longer(String array, List<String> more) {
        if (more.isEmpty()) {
            return array;
        }
        String first = array.substring(0, array.length() - 1).stripTrailing();
        String rest = JsonObject.array(more).substring(1);
        return first.equals("[") ? first + rest : first + "," + rest;
    }

    /** Root may use all that the container may have, and leaves none of it to others. */
    private static String ofRoot(Map<String, String> capabilities) {
        Map<String, String> roots = new LinkedHashMap<>(capabilities);
        roots.remove("inheritable");
        String bounding = capabilities.get("bounding");
        if (bounding != null) {
            roots.put("effective", bounding);
            roots.put("permitted", bounding);
        }
        return JsonObject.of(roots);
    }

    /** Returns the runtime's command line. */
    public List<String> line() {
        return line;
    }

    /**
     * Returns whether the command runs, or has run. When the runtime has ended and it has not, the runtime could not start
     * it, and has said why to its standard error.
     */
    public boolean hasStarted() {
        return Files.exists(pid);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(process);
        Files.deleteIfExists(pid);
    }
}
