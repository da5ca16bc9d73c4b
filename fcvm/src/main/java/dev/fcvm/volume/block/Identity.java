package dev.fcvm.volume.block;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Whom this process acts for.
 *
 * @param user the effective user
 * @param group the effective group
 */
record Identity(int user, int group) {

    static Identity own() {
        return new Identity(id("Uid:"), id("Gid:"));
    }

    boolean isRoot() {
        return user == 0;
    }

    private static int id(String field) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(field))
                    // Real, then effective.
                    .map(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[2]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("/proc/self/status has no " + field));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
