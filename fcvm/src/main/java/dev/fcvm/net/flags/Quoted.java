package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;

/** Complaints about flags: one line, that shows what was given. */
public final class Quoted {

    private static final int MOST = 80;

    private Quoted() {}

    /** Returns the complaint that a flag's value is wrong. */
    static FcvmException refusal(String flag, String value, String why) {
        return new FcvmException(FcvmException.Kind.USAGE, flag + " is " + text(value) + ": " + why);
    }

    /** Returns the text in quotes, on one line and not too long for it. */
    public static String text(String value) {
        String brief = value.length() > MOST ? value.substring(0, MOST) + "…" : value;
        return "\"" + brief.replaceAll("\\p{Cntrl}|[\\u2028\\u2029\\u0080-\\u009f]", "?") + "\"";
    }
}
