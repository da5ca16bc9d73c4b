package dev.fcvm.guest.container;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's counts of processes it has killed because memory ran out. A cgroup counts those of the cgroups below it,
 * also of ones that are gone, whether its own limit was reached or the machine's memory was at its end.
 */
public final class OutOfMemory {

    private static final String COUNT = "oom_kill ";

    private OutOfMemory() {}

    /**
     * Returns whether there was one since the machine's boot.
     *
     * @param groups where the tree of cgroups is
     */
    public static boolean hasStruck(Path groups) {
        return kills(groups) > 0;
    }

    /**
     * Returns how many there were since the machine's boot.
     *
     * @param groups where the tree of cgroups is
     */
    public static long kills(Path groups) {
        long kills = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(groups)) {
            for (Path group : all) {
                kills += counted(group.resolve("memory.events"));
            }
        } catch (IOException e) {
            return 0; // no cgroups, no counts
        }
        return kills;
    }

    private static long counted(Path events) {
        try {
            for (String line : Files.readAllLines(events)) {
                if (line.startsWith(COUNT)) {
                    return Long.parseLong(line.substring(COUNT.length()));
                }
            }
        } catch (IOException e) {
            return 0; // no cgroup, or one without this count
        }
        return 0;
    }
}
