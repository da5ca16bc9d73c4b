package dev.fcvm.host.user;

import dev.fcvm.host.file.PrivateDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who runs this process, by the system's table of users.
 *
 * @param uid the number of the user it acts for
 * @param gid the number of the user's group
 * @param name the user's name; the number where the table has none
 * @param home the user's directory; the root where the table has none
 */
public record Caller(long uid, long gid, String name, String home) {

    /** Asks the kernel and the table. */
    public static Caller ofProcess() {
        long uid = PrivateDirectories.currentUser();
        String name = System.getProperty("user.name", "?");
        return new Caller(
                uid,
                group(),
                name.matches("[^:\\s?]+") ? name : String.valueOf(uid),
                homeInTable().orElse("/"));
    }

    /** Returns the directory the table of users names; Java asks getpwuid(3) for it. */
    public static Optional<String> homeInTable() {
        String home = System.getProperty("user.home", "");
        return home.startsWith("/") && home.indexOf(':') < 0 ? Optional.of(home) : Optional.empty();
    }

    private static long group() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
            return lines.stream()
                    .filter(line -> line.startsWith("Gid:"))
                    // Real, then effective.
                    .mapToLong(line -> Long.parseLong(line.split("\\s+", -1)[2]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("/proc/self/status names no group"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
