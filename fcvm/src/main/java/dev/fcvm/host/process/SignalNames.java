package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import java.util.List;
import java.util.Locale;

/** Signals as users name them: TERM, SIGTERM, 15. The numbers are those of Linux on x86 and Arm (signal(7)). */
public final class SignalNames {

    private static final List<String> NAMES = List.of(
            "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS");

    private static final int REAL_TIME_FIRST = 34;
    private static final int REAL_TIME_LAST = 64;

    private SignalNames() {}

    /**
     * Returns the number of a signal.
     *
     * @throws FcvmException when there is no such signal
     */
    public static int number(String given) throws FcvmException {
        String name = given.toUpperCase(Locale.ROOT);
        if (name.matches("[0-9]{1,3}")) {
            int number = Integer.parseInt(name);
            if (number >= 1 && number <= REAL_TIME_LAST) {
                return number;
            }
        }
        String word = name.startsWith("SIG") ? name.substring(3) : name;
        if (word.matches("RTMIN(\\+[0-9]{1,2})?")) {
            int number = REAL_TIME_FIRST + offset(word);
            if (number <= REAL_TIME_LAST) {
                return number;
            }
        }
        if (word.matches("RTMAX(-[0-9]{1,2})?")) {
            int number = REAL_TIME_LAST - offset(word);
            if (number >= REAL_TIME_FIRST) {
                return number;
            }
        }
        int found = NAMES.indexOf(word);
        if (found < 1) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "there is no signal \"" + given + "\": give a name or a number, such as TERM or 15");
        }
        return found;
    }

    private static int offset(String word) {
        return word.length() > 5 ? Integer.parseInt(word.substring(6)) : 0;
    }
}
