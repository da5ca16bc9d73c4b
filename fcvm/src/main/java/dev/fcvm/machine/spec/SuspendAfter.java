package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import java.time.Duration;
import java.util.List;
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

    /** Refuses a machine that would never be suspended. */
    public static void check(RunRequest request) throws FcvmException {
        check(request.suspendAfter(), request.mappings());
    }

    /**
     * The same of a clone.
     *
     * @param saved what its source was
     */
    public static void check(CloneRequest request, MachineSpec saved) throws FcvmException {
        check(request.suspendAfter(), saved.wantedMappings());
        if (request.suspendAfter().isPresent() && !request.mappings().isEmpty()) {
            throw new FcvmException(
                    Kind.USAGE,
                    FLAG
                            + " is not for a clone that is given more directories (-v): it cannot be saved with them; leave"
                            + " one of the two out");
        }
    }

    /** A guest tells its NFS server once a minute that it is there: something moves all the time. */
    private static void check(Optional<Duration> after, List<Mapping> mappings) throws FcvmException {
        if (after.isPresent()
                && mappings.stream()
                        .anyMatch(one ->
                                one instanceof Mapping.HostDirectory directory && directory.mode() == MapMode.NFS)) {
            throw new FcvmException(
                    Kind.USAGE,
                    FLAG + " is not for a machine with a directory by NFS, which is never quiet: use mode=sshfs, or"
                            + " fcvm suspend");
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
