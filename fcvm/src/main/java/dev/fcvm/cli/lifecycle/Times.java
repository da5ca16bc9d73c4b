package dev.fcvm.cli.lifecycle;

import dev.fcvm.error.FcvmException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as users give them: a date, a date with a time, seconds since 1970, or how long ago (10m, 1h30m). */
public final class Times {

    private static final Pattern SPAN = Pattern.compile(
            "-?(?:([0-9]{1,7})d)?(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,9}(?:\\.[0-9]{1,9})?)s)?");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,11}(\\.[0-9]{1,9})?");

    private Times() {}

    /**
     * Reads one.
     *
     * @param flag that it was given with
     * @param text nothing when it was not given
     */
    public static Optional<Instant> of(String flag, @Nullable String text, Clock clock) throws FcvmException {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(instant(text, clock));
        } catch (DateTimeException | NumberFormatException none) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    flag + " is \"" + text
                            + "\"; give a time, such as 2026-01-31T12:00:00Z, or how long ago, such as 10m",
                    none);
        }
    }

    private static Instant instant(String text, Clock clock) {
        ZoneId zone = ZoneId.systemDefault();
        Matcher span = SPAN.matcher(text);
        if (span.matches()) {
            return clock.instant().minus(span(span));
        }
        if (SECONDS.matcher(text).matches()) {
            return Instant.ofEpochMilli((long) (Double.parseDouble(text) * 1000));
        }
        if (text.length() == 10) {
            return LocalDate.parse(text).atStartOfDay(zone).toInstant();
        }
        String whole = text.replace(' ', 'T');
        boolean zoned = whole.endsWith("Z") || whole.matches(".*[+-][0-9]{2}:[0-9]{2}");
        return zoned
                ? OffsetDateTime.parse(whole).toInstant()
                : LocalDateTime.parse(whole).atZone(zone).toInstant();
    }

    private static Duration span(Matcher parts) {
        return Duration.ofDays(number(parts.group(1)))
                .plusHours(number(parts.group(2)))
                .plusMinutes(number(parts.group(3)))
                .plusMillis(parts.group(4) == null ? 0 : (long) (Double.parseDouble(parts.group(4)) * 1000));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
