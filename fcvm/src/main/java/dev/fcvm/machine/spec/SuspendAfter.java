package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code --suspend-after}: for how long nothing must have moved in a machine before it is suspended. */
public final class SuspendAfter {

    private static final String FLAG = "--suspend-after";

    private static final Pattern TIME = Pattern.compile("(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?");

    private SuspendAfter() {}

    /** Reads a time of at least a second, such as 10m, 1h30m or 90s. */
    public static Duration parse(String text) throws FcvmException {
        Matcher time = TIME.matcher(text);
        Duration duration = time.matches()
                ? Duration.ofHours(number(time, 1)).plusMinutes(number(time, 2)).plusSeconds(number(time, 3))
                : Duration.ZERO;
        if (duration.isZero()) {
            throw new FcvmException(
                    Kind.USAGE,
                    FLAG + " is \"" + text + "\"; it must be a time of at least a second, such as 10m, 1h30m or 90s");
        }
        return duration;
    }

    private static long number(Matcher time, int group) {
        return Optional.ofNullable(time.group(group)).map(Long::parseLong).orElse(0L);
    }

    /** Refuses a machine that could never be suspended. */
    public static void check(RunRequest request) throws FcvmException {
        check(request.suspendAfter(), !request.mappings().isEmpty());
    }

    /**
     * The same of a clone.
     *
     * @param saved what its source was
     */
    public static void check(CloneRequest request, MachineSpec saved) throws FcvmException {
        check(
                request.suspendAfter(),
                !saved.mappings().isEmpty() || !request.mappings().isEmpty());
    }

    private static void check(Optional<Duration> after, boolean mapped) throws FcvmException {
        if (after.isPresent() && mapped) {
            throw new FcvmException(
                    Kind.USAGE,
                    FLAG + " is not for a machine with mapped directories or volumes: it cannot be suspended with them"
                            + " yet; leave one of the two out");
        }
    }

    /** Refuses a monitor that cannot save a machine. */
    public static void check(RunRequest request, boolean saves, String monitor) throws FcvmException {
        if (request.suspendAfter().isPresent() && !saves) {
            throw new FcvmException(
                    Kind.VMM, FLAG + " needs a monitor that can save a machine, and this " + monitor + " cannot");
        }
    }
}
