package dev.fcvm.error;

import java.util.ArrayList;
import java.util.List;

/**
 * What failed besides, while a first failure was on its way to the user: what was suppressed in it. The first is why
 * things ended; the others say what stays behind.
 */
public final class Besides {

    private Besides() {}

    /** Returns what failed besides this, one line each. */
    public static List<String> of(Throwable first) {
        List<String> lines = new ArrayList<>();
        collect(first, lines);
        return lines;
    }

    private static void collect(Throwable failure, List<String> lines) {
        for (Throwable suppressed : failure.getSuppressed()) {
            String message = suppressed instanceof FcvmException
                    ? String.valueOf(suppressed.getMessage())
                    : suppressed.toString();
            lines.add("besides, " + message.lines().findFirst().orElse(""));
            collect(suppressed, lines);
        }
    }
}
