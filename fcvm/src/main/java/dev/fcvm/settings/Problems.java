package dev.fcvm.settings;

import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;

/** Collects everything that is wrong, so that the user hears of it at once. */
final class Problems {

    private final List<String> found = new ArrayList<>();

    /** Notes one problem: a sentence without its full stop, saying where it stands. */
    void add(String problem) {
        found.add(problem);
    }

    /** Returns them in order. */
    List<String> all() {
        return List.copyOf(found);
    }

    /**
     * Ends the reading when there was a problem.
     *
     * @throws FcvmException with every problem, one a line
     */
    void throwIfAny() throws FcvmException {
        if (!found.isEmpty()) {
            throw new FcvmException(FcvmException.Kind.USAGE, String.join("\n       ", found));
        }
    }
}
