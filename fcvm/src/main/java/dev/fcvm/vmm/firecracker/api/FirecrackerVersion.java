package dev.fcvm.vmm.firecracker.api;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of Firecracker. What stands behind the numbers, as in {@code 1.17.0-dev}, does not count: a build on the
 * way to a version is taken for that version.
 */
public record FirecrackerVersion(int major, int minor, int patch) implements Comparable<FirecrackerVersion> {

    private static final Pattern FORM = Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})([-+].*)?");
    private static final Comparator<FirecrackerVersion> ORDER = Comparator.comparingInt(FirecrackerVersion::major)
            .thenComparingInt(FirecrackerVersion::minor)
            .thenComparingInt(FirecrackerVersion::patch);

    /** The oldest this driver has words for: snapshots' memory backends and MMDS version 2 came with it. */
    public static final FirecrackerVersion OLDEST = new FirecrackerVersion(1, 1, 0);

    /** Reads one as {@code GET /version} answers it; empty when it is none. */
    public static Optional<FirecrackerVersion> parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        return matcher.matches()
                ? Optional.of(new FirecrackerVersion(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3))))
                : Optional.empty();
    }

    /** Reads one that stands in a table; for constants. */
    static FirecrackerVersion of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
    }

    /** Tells whether this is that version or a newer one. */
    public boolean isAtLeast(FirecrackerVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(FirecrackerVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "%d.%d.%d".formatted(major, minor, patch);
    }
}
