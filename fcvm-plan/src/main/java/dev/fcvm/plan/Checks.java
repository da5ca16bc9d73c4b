package dev.fcvm.plan;

import java.util.List;

/**
 * What a field of a plan may hold. Written with loops, not patterns: the agent checks its plan before it says that it is
 * ready, and loading the regular expression engine costs more than all of it.
 */
final class Checks {

    private Checks() {}

    static void hexadecimal(String field, String value, int length) {
        boolean good = value.length() == length;
        for (int i = 0; good && i < length; i++) {
            char c = value.charAt(i);
            good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        if (!good) {
            throw new IllegalArgumentException(field + ": must be " + length + " lower-case hexadecimal digits");
        }
    }

    static void word(String field, String value, int maxLength) {
        boolean good = !value.isEmpty() && value.length() <= maxLength && isLetterOrDigit(value.charAt(0));
        for (int i = 1; good && i < value.length(); i++) {
            char c = value.charAt(i);
            good = isLetterOrDigit(c) || c == '-' || c == '.' || c == '_';
        }
        if (!good) {
            throw new IllegalArgumentException(field + ": must be 1 to " + maxLength
                    + " letters, digits, '-', '.' or '_', the first a letter or a digit");
        }
    }

    static void arguments(String field, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            argument(field + "[" + i + "]", values.get(i));
        }
    }

    /** Lines of a configuration file in ASCII. */
    static void lines(String field, List<String> values) {
        for (int i = 0; i < values.size(); i++) {
            String line = values.get(i);
            for (int j = 0; j < line.length(); j++) {
                if (line.charAt(j) < ' ' || line.charAt(j) > '~') {
                    throw new IllegalArgumentException(field + "[" + i + "]: must be printable ASCII");
                }
            }
        }
    }

    /** An argument of a program: any text but the NUL that would end it, and nothing UTF-8 cannot say. */
    static void argument(String field, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(field + ": contains a NUL");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    throw new IllegalArgumentException(field + ": is not valid Unicode");
                }
                i++;
            }
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
