package dev.fcvm.settings;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * @param bytes 0 or more
 */
public record DataSize(long bytes) {

    private static final Pattern SIZE =
            Pattern.compile("([0-9]{1,13}(?:\\.[0-9]{1,9})?) ?([bkmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

    /** The largest that is read: far from where a number of bytes would overflow. */
    private static final BigDecimal MOST = new BigDecimal(1L << 60);

    /** Reads a number with b, k, m, g or t behind it, in units of 1024 as with {@code --memory}. */
    public static Optional<DataSize> parse(String text) {
        Matcher parts = SIZE.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int power = "bkmgt".indexOf(parts.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes =
                new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(1024).pow(Math.max(0, power)));
        return Optional.of(new DataSize(bytes.min(MOST).longValue()));
    }

    /** Returns it for people, in the unit that leaves the fewest digits. */
    @Override
    public String toString() {
        return bytes < 1L << 20
                ? bytes + " bytes"
                : bytes < 1L << 30 || (bytes % (1L << 30) != 0 && bytes < 10L << 30)
                        ? (bytes >> 20) + " MiB"
                        : (bytes >> 30) + " GiB";
    }
}
