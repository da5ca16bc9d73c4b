package dev.fcvm.volume;

import dev.fcvm.error.FcvmException;
import java.util.regex.Pattern;

/**
 * The name of a volume, as Podman takes them. It is a file's name as well.
 *
 * @param value letters, digits, {@code _ . -}, the first a letter or digit, at most 200 of them
 */
public record VolumeName(String value) {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}");

    /** Tells whether a text is one. */
    public static boolean isOne(String text) {
        return NAME.matcher(text).matches();
    }

    /**
     * Reads one.
     *
     * @throws FcvmException when it is none
     */
    public static VolumeName parse(String text) throws FcvmException {
        if (!isOne(text)) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "\"" + text + "\" is no name of a volume: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]* and have at"
                            + " most 200 characters");
        }
        return new VolumeName(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
