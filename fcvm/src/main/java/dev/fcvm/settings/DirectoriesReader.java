package dev.fcvm.settings;

import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.text.RawText;
import dev.fcvm.host.user.Caller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds out where data and sockets belong. Makes nothing. */
final class DirectoriesReader {

    /** The kernel's limit for a socket's path is 107 bytes; a machine's own part below needs 30 of them. */
    private static final int LONGEST_RUNTIME = 75;

    private final Map<String, String> environment;
    private final Problems problems;

    private final Supplier<Optional<String>> tableOfUsers;

    DirectoriesReader(Map<String, String> environment, Problems problems) {
        this(environment, problems, Caller::homeInTable);
    }

    /** One that is told what the table of users says. */
    DirectoriesReader(Map<String, String> environment, Problems problems, Supplier<Optional<String>> tableOfUsers) {
        this.environment = environment;
        this.problems = problems;
        this.tableOfUsers = tableOfUsers;
    }

    Directories directories(Optional<Path> data) {
        Path directory = data.orElseGet(this::defaultData);
        if (RawText.isRaw(RawPaths.text(directory))) {
            problems.add(
                    "the data directory " + directory
                            + " has a name that is no UTF-8, which the tools of fcvm cannot be given; set FCVM_DATA_DIR to another");
        }
        return new Directories(directory, runtime());
    }

    private Path defaultData() {
        String shared = environment.getOrDefault("XDG_DATA_HOME", "");
        if (shared.startsWith("/")) {
            return path(shared).resolve("fcvm");
        }
        String home = environment.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            home = tableOfUsers.get().orElse("");
        }
        if (home.isEmpty()) {
            problems.add(
                    "neither FCVM_DATA_DIR nor HOME is set in the environment, and the table of users names no home;"
                            + " set FCVM_DATA_DIR to a directory");
            return Path.of("/nonexistent");
        }
        return path(home).resolve(".local/share/fcvm");
    }

    private static Path path(String text) {
        return RawPaths.resolve(Path.of("/"), text);
    }

    private Path runtime() {
        int user = PrivateDirectories.currentUser();
        String session = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (session.startsWith("/") && session.length() <= LONGEST_RUNTIME) {
            Path directory = path(session);
            // After `sudo -E` the variable still names the other user's directory, which is not for us.
            if (Files.isDirectory(directory) && PrivateDirectories.isOwnedBy(directory, user)) {
                return directory.resolve("fcvm");
            }
        }
        return user == 0 ? Path.of("/run/fcvm") : Path.of("/tmp/fcvm-" + user);
    }
}
