package dev.fcvm.guest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's counts of processes it has killed because memory ran out. A cgroup counts those of the cgroups below it,
 * also of ones that are gone, whether its own limit was reached or the machine's memory was at its end.
 */
final class OutOfMemory {

    private static final String COUNT = "oom_kill ";

    private OutOfMemory() {}

    /**
     * Returns whether there was one since the machine's boot.
     *
     * @param groups where the tree of cgroups is
     */
    static boolean hasStruck(Path groups) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(groups)) {
            for (Path group : all) {
                if (hasCounted(group.resolve("memory.events"))) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // no cgroups, no counts
        }
        return false;
    }

    private static boolean hasCounted(Path events) {
        try {
            for (String line : Files.readAllLines(events)) {
                if (line.startsWith(COUNT)) {
                    return !line.substring(COUNT.length()).equals("0");
                }
            }
        } catch (IOException e) {
            return false; // no cgroup, or one without this count
        }
        return false;
    }
}
