package dev.fcvm.machine.podman;

import dev.fcvm.error.FcvmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Judges the value of a flag before anything is touched: what Podman would not take, and what would name something of
 * this host that a machine does not have. What only Podman can judge is left to it.
 */
final class FlagValue {

    private static final Set<String> YES = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> NO = Set.of("0", "f", "F", "FALSE", "false", "False");
    private static final Pattern INTEGER = Pattern.compile("[+-]?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})");
    /** As Go reads a number; how small or large it may be is the flag's to say. */
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:[0-9]{1,9}\\.?[0-9]{0,9}|\\.[0-9]{1,9})(?:[eE][+-]?[0-9]{1,3})?");

    private static final Pattern UNSIGNED = Pattern.compile("0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}");

    /** As Podman's library reads sizes (docker/go-units), and -1 where a limit may be lifted. */
    private static final Pattern SIZE =
            Pattern.compile("[0-9]{1,15}(?:\\.[0-9]{1,9})? ?(?:[bB]|[kKmMgGtTpP][iI]?[bB]?)?|-1");

    /** See Go's time.ParseDuration. */
    private static final Pattern DURATION = Pattern.compile("0|(?:[0-9]{1,9}(?:\\.[0-9]{0,9})?(?:ns|us|µs|ms|s|m|h))+");

    private static final Pattern SIGNAL = Pattern.compile("[0-9]{1,2}|[A-Za-z]+[0-9]*(?:[+-][0-9]{1,2})?");
    private static final Pattern PAIR = Pattern.compile("(?s)[^=]+=.*");
    private static final Pattern SYSCTL = Pattern.compile("[A-Za-z0-9_./-]+=.*");

    private static final Pattern PORTS = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?(?:/[^/]*)?");
    private static final int LARGEST_PORT = 65535;

    /** What is asked for most; the log is fcvm's own in any case. */
    private static final List<String> LOG_DRIVERS = List.of("k8s-file", "json-file", "none", "passthrough");

    private FlagValue() {}

    /** Returns what is wrong with a value, as the end of a sentence; nothing when it is well. */
    static Optional<String> problem(RunFlag flag, String value) {
        String type = flag.type();
        if (value.indexOf('\0') >= 0) {
            return Optional.of("it may not contain a NUL");
        }
        return switch (type) {
            case "text" -> Optional.empty();
            case "bool" -> truth(flag, value);
            case "int" -> unless(INTEGER.matcher(value).matches(), "it must be a whole number");
            case "number" -> unless(NUMBER.matcher(value).matches(), "it must be a number");
            case "uint" -> unless(UNSIGNED.matcher(value).matches(), "it must be a whole number, 0 or more");
            case "size" ->
                // To Podman nothing is no limit.
                unless(
                        value.isEmpty() || SIZE.matcher(value).matches(),
                        "it must be a number with b, k, m or g behind it, such as 64m");
            case "duration" ->
                unless(
                        DURATION.matcher(value).matches()
                                || (value.equals("disable") && flag.name().endsWith("-interval")),
                        "it must be a time such as 30s, 500ms or 1m30s");
            case "pair" -> unless(PAIR.matcher(value).matches(), "it must be NAME=VALUE");
            case "sysctl" ->
                unless(SYSCTL.matcher(value).matches(), "it must be NAME=VALUE, such as net.core.somaxconn=1024");
            // To Podman nothing is no signal: the image's holds.
            case "signal" ->
                unless(value.isEmpty() || SIGNAL.matcher(value).matches(), "it must be a signal, such as TERM or 15");
            case "ports" -> ports(value);
            case "space" -> space(value);
            case "userns" -> UserNamespace.problem(value);
            case "device" ->
                unless(
                        value.startsWith("/dev/"),
                        "it must be a device of the machine, such as /dev/fuse; this host's are not passed through");
            case "groups" ->
                unless(
                        !value.equals("keep-groups"),
                        "groups of this host mean nothing in a machine; name the groups it is to have");
            case "hosts" ->
                unless(
                        List.of("image", "none", "").contains(value),
                        "it would be a file of the machine; use image, none, or --add-host");
            case "security" -> security(value);
            case "log-driver" ->
                unless(
                        LOG_DRIVERS.contains(value),
                        "fcvm logs keeps what the container writes in files of its own; leave it out, and see --log-opt");
            case "restart" ->
                unless(
                        List.of("no", "never", "").contains(value),
                        "machines are not started again yet; leave it out, or have a service manager run fcvm");
            default -> words(flag, type.split("/"), value);
        };
    }

    /** Returns whether the value of a switch means yes. */
    static boolean isYes(String value) {
        return YES.contains(value);
    }

    /** Returns whether the value of a switch means no. */
    static boolean isNo(String value) {
        return NO.contains(value);
    }

    private static Optional<String> truth(RunFlag flag, String value) {
        if (flag.name().equals("--sig-proxy") && NO.contains(value)) {
            return Optional.of("a signal that ended fcvm alone would end the machine all the same; leave it out");
        }
        return unless(YES.contains(value) || NO.contains(value), "it must be true or false");
    }

    private static Optional<String> words(RunFlag flag, String[] words, String value) {
        if (flag.name().equals("--health-on-failure") && value.equals("restart")) {
            return Optional.of("a machine ends with its container; use kill or stop");
        }
        return unless(
                Arrays.asList(words).contains(value), "it must be one of: " + String.join(", ", Arrays.asList(words)));
    }

    /** A machine has one container and its own namespaces; none of this host's. */
    private static Optional<String> space(String value) {
        if (value.startsWith("container:")) {
            return Optional.of("a machine runs one container; use private or host");
        }
        if (value.startsWith("ns:")) {
            return Optional.of("the namespace would be one of the machine's; use private or host");
        }
        return Optional.empty();
    }

    /** Ports with commas between them, as 80, 53/udp or 8000-8010. */
    private static Optional<String> ports(String value) {
        for (String one : value.isEmpty() ? new String[0] : value.split(",", -1)) {
            Matcher range = PORTS.matcher(one);
            if (!range.matches()) {
                return Optional.of("\"" + one + "\" must be a port or a range, such as 80, 53/udp or 8000-8010");
            }
            int from = Integer.parseInt(range.group(1));
            int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
            for (int port : List.of(from, to)) {
                if (port < 1 || port > LARGEST_PORT) {
                    return Optional.of("port numbers must be between 1 and 65535 (inclusive), got " + port);
                }
            }
            if (range.group(2) != null && to <= from) {
                return Optional.of("the end port of a range must be higher than the start port - " + to
                        + " is not higher than " + from);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> security(String value) {
        if (value.startsWith("seccomp=") && !value.equals("seccomp=unconfined")) {
            return Optional.of("the profile would be a file of the machine; leave it out for Podman's own, or use"
                    + " seccomp=unconfined: the machine is a wall of its own");
        }
        return Optional.empty();
    }

    private static Optional<String> unless(boolean well, String problem) {
        return well ? Optional.empty() : Optional.of(problem);
    }

    /**
     * Refuses a value that is not well, in the words of Podman's library for flags.
     *
     * @throws FcvmException with the reason
     */
    static void check(RunFlag flag, String value) throws FcvmException {
        Optional<String> problem = problem(flag, value);
        if (problem.isPresent()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "invalid argument \"" + value + "\" for \"" + flag.name() + "\" flag: " + problem.get());
        }
    }
}
