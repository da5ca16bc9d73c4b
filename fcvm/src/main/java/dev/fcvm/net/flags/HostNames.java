package dev.fcvm.net.flags;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Host names as text, strictly: what passes here may stand in a file or a rule. */
final class HostNames {

    private static final int MOST = 253;
    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");

    /** A name in /etc/hosts or a search list need not be one of the Internet's; many have an underscore. */
    private static final String WIDE_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";

    private static final Pattern WIDE_NAME = Pattern.compile(WIDE_LABEL + "(?:\\." + WIDE_LABEL + ")*");
    private static final Pattern NUMBER_LAST = Pattern.compile("(?:.*\\.)?[0-9]+");

    private HostNames() {}

    /** Returns the name of RFC 1123 in lower case without a dot at its end; nothing when it is none. */
    static Optional<String> parse(String text) {
        return matching(NAME, text);
    }

    /** The same with underscores. */
    static Optional<String> parseWide(String text) {
        return matching(WIDE_NAME, text);
    }

    private static Optional<String> matching(Pattern form, String text) {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        if (name.length() > MOST) {
            return Optional.empty();
        }
        // Some letters beyond ASCII have a lower case within it, such as the Kelvin sign.
        if (!name.chars().allMatch(c -> c < 0x80)) {
            return Optional.empty();
        }
        String lower = name.toLowerCase(Locale.ROOT);
        // What ends in a number is an address, or means to be one.
        return form.matcher(lower).matches() && !NUMBER_LAST.matcher(lower).matches()
                ? Optional.of(lower)
                : Optional.empty();
    }
}
