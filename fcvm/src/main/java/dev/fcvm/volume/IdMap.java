package dev.fcvm.volume;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Who in a container owns what somebody owns on the host. */
public enum IdMap {
    /** Each id is the same on both sides. For an ordinary user what comes back belongs to that user all the same. */
    HOST,
    /**
     * The user who runs fcvm is root in the container, as with Podman without root; everybody else is nobody (65534).
     */
    USER;

    /** Returns its name on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds the one of this name. */
    public static Optional<IdMap> of(String word) {
        return Arrays.stream(values()).filter(map -> map.word().equals(word)).findFirst();
    }
}
