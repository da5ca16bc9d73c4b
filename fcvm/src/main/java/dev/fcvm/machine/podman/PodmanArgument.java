package dev.fcvm.machine.podman;

import dev.fcvm.error.FcvmException;
import java.util.Locale;
import java.util.Optional;

/**
 * Judges what is passed on to Podman in the guest: what would break the machine, or mean something else than the user
 * thinks, is refused with the reason. A flag that the table does not know is let through: Podman may be newer.
 */
public final class PodmanArgument {

    private static final String OURS = "fcvm has its own flag for it; put it before the image without --podman-arg";

    private final RunFlags flags;

    /** One that knows these flags. */
    public PodmanArgument(RunFlags flags) {
        this.flags = flags;
    }

    /**
     * Judges a flag of fcvm's command line that is Podman's.
     *
     * @param argument the flag, joined to its value
     * @throws FcvmException when it is not carried out, with the reason
     */
    public void checkFlag(String argument) throws FcvmException {
        RunFlag flag = flags.find(name(argument)).orElseThrow(() -> new IllegalArgumentException(argument));
        if (flag.disposition() == RunFlag.Disposition.REFUSE) {
            if (asksForSomething(flag, value(argument))) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE, flag.name() + " is not carried out: " + flag.difference());
            }
            return;
        }
        FlagValue.check(flag, value(argument));
    }

    /** Whether a value asks for what is not carried out: {@code --rmi=false} does not, nor does {@code --pidfile=}. */
    private static boolean asksForSomething(RunFlag flag, String value) {
        if (flag.isSwitch()) {
            return !FlagValue.isNo(value);
        }
        return !value.isEmpty() && !(flag.name().equals("--preserve-fds") && value.equals("0"));
    }

    /**
     * Judges the value of {@code --podman-arg}.
     *
     * @return the argument
     * @throws FcvmException when it may not pass, with the reason
     */
    public String check(String argument) throws FcvmException {
        boolean alone = argument.indexOf('=') < 0;
        String name = name(argument);
        if (!name.startsWith("--") || name.length() == 2) {
            throw refused(
                    argument,
                    "write one long flag of podman run with its value, such as --podman-arg=--pids-limit=100");
        }
        Optional<RunFlag> known = flags.find(name.equals("--net") ? "--network" : name);
        if (known.isEmpty()) {
            if (alone) {
                throw refused(argument, "join the value to it: --podman-arg=" + name + "=VALUE");
            }
            return argument;
        }
        RunFlag flag = known.get();
        switch (flag.disposition()) {
            case OWN, FCVM -> throw refused(argument, OURS);
            case REFUSE -> throw refused(argument, flag.difference());
            case PASS -> {
                if (alone && !flag.isSwitch()) {
                    throw refused(argument, "join the value to it: --podman-arg=" + name + "=" + placeholder(flag));
                }
            }
        }
        String whole = alone ? argument + "=true" : argument;
        Optional<String> problem = FlagValue.problem(flag, value(whole));
        if (problem.isPresent()) {
            throw refused(argument, problem.get());
        }
        return argument;
    }

    private static String placeholder(RunFlag flag) {
        return flag.label().isEmpty() ? "VALUE" : flag.label().toUpperCase(Locale.ROOT);
    }

    private static String name(String argument) {
        int equals = argument.indexOf('=');
        return equals < 0 ? argument : argument.substring(0, equals);
    }

    private static String value(String argument) {
        return argument.substring(argument.indexOf('=') + 1);
    }

    private static FcvmException refused(String argument, String reason) {
        return new FcvmException(FcvmException.Kind.USAGE, "--podman-arg " + argument + " is not passed on: " + reason);
    }
}
