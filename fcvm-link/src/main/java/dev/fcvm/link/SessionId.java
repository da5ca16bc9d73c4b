package dev.fcvm.link;

import java.security.SecureRandom;
import java.util.HexFormat;

/** The random 128-bit name of a session. */
public record SessionId(long high, long low) {

    /** Makes a fresh one. */
    public static SessionId random() {
        var random = new SecureRandom();
        return new SessionId(random.nextLong(), random.nextLong());
    }

    /** Returns 32 hexadecimal digits. */
    @Override
    public String toString() {
        var hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}
