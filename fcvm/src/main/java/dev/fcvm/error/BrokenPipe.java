package dev.fcvm.error;

import java.io.IOException;

/** Tells a write that failed because nobody reads any more, as behind {@code | head}, from one that lost something. */
public final class BrokenPipe {

    /** The words of the C library for EPIPE, which Java's streams give as the reason. */
    private static final String WORDS = "Broken pipe";

    private BrokenPipe() {}

    /** Tells whether that is why. */
    public static boolean isBehind(IOException failure) {
        return WORDS.equals(failure.getMessage());
    }
}
