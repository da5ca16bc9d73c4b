package dev.fcvm.host;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The random 128-bit identity of a machine, with which every effect it has on the host is tagged.
 *
 * @param value 32 hexadecimal digits, lower case
 */
public record MachineId(String value) {

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

    public MachineId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a machine id: " + value);
        }
    }

    /** Makes a fresh one. */
    public static MachineId random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return new MachineId(HexFormat.of().formatHex(bytes));
    }

    /** Returns the first 12 digits, as shown to people. */
    public String brief() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
