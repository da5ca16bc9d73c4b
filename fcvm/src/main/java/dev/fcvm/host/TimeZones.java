package dev.fcvm.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which time zone a host lives in, by localtime(5): the name that /etc/localtime leads to.
 *
 * @param localtime the file that says it
 * @param zones the directory of all zones
 */
public record TimeZones(Path localtime, Path zones) {

    private static final String STANDARD = "UTC";
    private static final String DIRECTORY = "zoneinfo/";
    private static final int DEPTH = 4;

    /** This host's. */
    public static TimeZones ofHost() {
        return new TimeZones(Path.of("/etc/localtime"), Path.of("/usr/share/zoneinfo"));
    }

    /**
     * Returns the zone's name, such as {@code Europe/Berlin}; UTC where there is no such file, as localtime(5) has it.
     *
     * @return nothing when the file leads to no zone, and is a copy of none either
     */
    public Optional<String> local() throws IOException {
        if (!Files.exists(localtime)) {
            return Optional.of(STANDARD);
        }
        Path real = localtime.toRealPath();
        // The link's own words come first: the zone's file may be a link itself, to one of an older name.
        if (Files.isSymbolicLink(localtime)) {
            Optional<String> said = name(Files.readSymbolicLink(localtime));
            if (said.isPresent()) {
                return said;
            }
        }
        Optional<String> name = name(real);
        return name.isPresent() || !Files.isDirectory(zones) ? name : copied(real);
    }

    private static Optional<String> name(Path file) {
        String path = file.toString();
        int start = path.lastIndexOf(DIRECTORY);
        return start < 0
                ? Optional.empty()
                : Optional.of(path.substring(start + DIRECTORY.length()).replaceFirst("^(posix|right)/", ""));
    }

    private Optional<String> copied(Path file) throws IOException {
        long size = Files.size(file);
        try (Stream<Path> all = Files.walk(zones, DEPTH)) {
            for (Path zone : (Iterable<Path>) all.sorted()::iterator) {
                if (Files.isRegularFile(zone) && Files.size(zone) == size && Files.mismatch(zone, file) < 0) {
                    return Optional.of(zones.relativize(zone).toString());
                }
            }
        }
        return Optional.empty();
    }
}
