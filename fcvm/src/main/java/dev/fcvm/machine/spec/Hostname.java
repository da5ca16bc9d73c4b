package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import java.util.regex.Pattern;

/** Judges a host name. */
public final class Hostname {

    /** HOST_NAME_MAX of Linux. */
    private static final int LONGEST = 64;

    private static final Pattern FORM = Pattern.compile(
            "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*");

    private Hostname() {}

    /** Returns a hostname that Linux and DNS take. */
    public static String check(String hostname) throws FcvmException {
        if (hostname.length() > LONGEST || !FORM.matcher(hostname).matches()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--hostname \"" + hostname + "\" is malformed: use letters, digits and \"-\" in parts joined by"
                            + " dots, at most " + LONGEST + " characters");
        }
        return hostname;
    }
}
