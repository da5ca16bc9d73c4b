package dev.fcvm.volume;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What becomes of what a container changes in a copy of a directory. */
public enum SyncMode {
    /** It comes back into the directory when the machine ends. */
    BACK,
    /** It stays in the machine's image until it is asked for. */
    NONE;

    /** Returns its name on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds the one of this name. */
    public static Optional<SyncMode> of(String word) {
        return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
    }
}
