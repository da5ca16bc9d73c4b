package dev.fcvm.machine.inside;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What stands on a side of {@code fcvm cp}.
 *
 * @param machine the machine's reference; nothing for this host
 * @param path the path there, as its user wrote it
 */
public record CopyArgument(Optional<String> machine, String path) {

    /** Reads it: a colon counts unless the word begins with a dot or a slash. */
    public static CopyArgument parse(String text) throws FcvmException {
        int colon = text.indexOf(':');
        boolean here = colon < 0 || text.startsWith(".") || text.startsWith("/");
        String path = here ? text : text.substring(colon + 1);
        if (path.isEmpty()) {
            throw new FcvmException(Kind.USAGE, "invalid argument \"" + text + "\": you must specify paths");
        }
        if (path.indexOf('\0') >= 0) {
            throw new FcvmException(Kind.USAGE, "invalid argument: a path has no NUL");
        }
        return new CopyArgument(here || colon == 0 ? Optional.empty() : Optional.of(text.substring(0, colon)), path);
    }

    /** Returns whether it is standard input or output. */
    public boolean isStream() {
        return machine.isEmpty() && path.equals("-");
    }

    /** Returns whether of a directory only what is in it is meant. */
    boolean meansContents() {
        return path.equals(".") || path.endsWith("/.") || name().isEmpty();
    }

    /** Returns the last name of the path; empty for the root directory. */
    String name() {
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                names.poll();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.push(name);
            }
        }
        return names.isEmpty() ? "" : names.peek();
    }

    /** Returns the path without what means that of a directory only its contents are wanted. */
    String whole() {
        String shorter = path;
        while (shorter.endsWith("/.")) {
            shorter = shorter.substring(0, shorter.length() - 2);
        }
        return shorter.isEmpty() ? "/" : shorter;
    }
}
