package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what may happen in a second. */
final class Rate {

    private static final Pattern BYTES = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)([kmgt]?)(bit|i?b)?");
    private static final Pattern COUNT = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)([km]?)");

    /** More than any card or disk does, and far from where a number of bits would overflow. */
    private static final long MOST = 1L << 40;

    private Rate() {}

    /**
     * Reads bytes a second: a number with k, m or g behind it, in units of 1024 as with {@code --memory}; or with kbit,
     * mbit or gbit, in units of 1000 as links are counted.
     *
     * @param least less than this a machine cannot work with
     */
    static OptionalLong bytes(String flag, Optional<String> given, long least) throws FcvmException {
        if (given.isEmpty()) {
            return OptionalLong.empty();
        }
        String text = given.get();
        Matcher parts = BYTES.matcher(text.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw refusal(flag, text, "it must be bytes a second, such as 10m or 1g, or bits, such as 100mbit");
        }
        boolean bits = "bit".equals(parts.group(3));
        BigDecimal value = new BigDecimal(parts.group(1)).multiply(unit(parts.group(2), bits ? 1000 : 1024));
        return within(flag, text, bits ? value.divide(BigDecimal.valueOf(8)) : value, least, " bytes");
    }

    /** Reads how many a second: a number, with k or m behind it for thousands and millions. */
    static OptionalLong count(String flag, Optional<String> given, long least) throws FcvmException {
        if (given.isEmpty()) {
            return OptionalLong.empty();
        }
        String text = given.get();
        Matcher parts = COUNT.matcher(text.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw refusal(flag, text, "it must be a number a second, such as 500 or 10k");
        }
        BigDecimal value = new BigDecimal(parts.group(1)).multiply(unit(parts.group(2), 1000));
        return within(flag, text, value, least, "");
    }

    private static OptionalLong within(String flag, String text, BigDecimal value, long least, String of)
            throws FcvmException {
        if (value.compareTo(BigDecimal.valueOf(least)) < 0) {
            throw refusal(
                    flag, text, "a machine needs at least " + least + of + " a second; leave it out for no limit");
        }
        if (value.compareTo(BigDecimal.valueOf(MOST)) > 0) {
            throw refusal(flag, text, "no device does as much; leave it out for no limit");
        }
        return OptionalLong.of(value.setScale(0, RoundingMode.FLOOR).longValueExact());
    }

    private static BigDecimal unit(String letter, long base) {
        int power = " kmgt".indexOf(letter.isEmpty() ? " " : letter);
        return BigDecimal.valueOf(base).pow(power);
    }

    private static FcvmException refusal(String flag, String text, String why) {
        return new FcvmException(
                FcvmException.Kind.USAGE, flag + " is \"" + text.replaceAll("\\p{Cntrl}", "?") + "\": " + why);
    }
}
