package dev.fcvm.settings;

import dev.fcvm.host.Caller;
import dev.fcvm.host.PrivateDirectories;
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
        return new Directories(data.orElseGet(this::defaultData), runtime());
    }

    private Path defaultData() {
        String shared = environment.getOrDefault("XDG_DATA_HOME", "");
        if (shared.startsWith("/")) {
            return Path.of(shared, "fcvm");
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
        return Path.of(home, ".local", "share", "fcvm");
    }

    private Path runtime() {
        int user = PrivateDirectories.currentUser();
        String session = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (session.startsWith("/") && session.length() <= LONGEST_RUNTIME) {
            Path directory = Path.of(session);
            // After `sudo -E` the variable still names the other user's directory, which is not for us.
            if (Files.isDirectory(directory) && PrivateDirectories.isOwnedBy(directory, user)) {
                return directory.resolve("fcvm");
            }
        }
        return user == 0 ? Path.of("/run/fcvm") : Path.of("/tmp/fcvm-" + user);
    }
}
