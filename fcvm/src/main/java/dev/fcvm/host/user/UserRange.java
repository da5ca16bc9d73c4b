package dev.fcvm.host.user;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of users (and groups) that nobody else has, from which each privileged machine gets one.
 *
 * @param first the first, at least 1000: what is below belongs to the system
 * @param last the last, included
 */
public record UserRange(int first, int last) {

    /** Above what useradd gives out as subordinate ids (600,100,000) and systemd to containers (1,879,048,191). */
    public static final UserRange STANDARD = new UserRange(2_000_000_000, 2_000_065_535);

    private static final Pattern FORM = Pattern.compile("([0-9]{4,10})-([0-9]{4,10})");
    private static final int LEAST = 1000;

    public UserRange {
        if (first < LEAST || last < first || last == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("no range of users: " + first + "-" + last);
        }
    }

    /** Reads FIRST-LAST; nothing when that is no range, or reaches below 1000 or above 2147483646. */
    public static Optional<UserRange> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long first = Long.parseLong(matcher.group(1));
        long last = Long.parseLong(matcher.group(2));
        return first >= LEAST && first <= last && last < Integer.MAX_VALUE
                ? Optional.of(new UserRange((int) first, (int) last))
                : Optional.empty();
    }

    /** Returns how many there are. */
    public int size() {
        return last - first + 1;
    }
}
