package dev.fcvm.volume;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a directory of the host comes into a machine. */
public enum MapMode {
    /** As a disk with a copy of it; what the container changed comes back at the end. */
    BLOCK,
    /** Served over the link, live both ways; needs no privilege. */
    SSHFS,
    /** Served by the host's NFS server, live both ways; needs root. */
    NFS;

    /** Returns its name on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds the mode of this name. */
    public static Optional<MapMode> of(String word) {
        return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
    }

    /** Returns all names, for a message. */
    public static String words() {
        return Arrays.stream(values()).map(MapMode::word).collect(Collectors.joining(", "));
    }
}
