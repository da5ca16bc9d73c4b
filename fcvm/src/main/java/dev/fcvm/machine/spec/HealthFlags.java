package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.podman.RunFlags;
import java.util.ArrayList;
import java.util.List;

/**
 * How a container's health is checked: as the user says, and as the image says where the user does not. As with Podman, a
 * command of the user's takes the place of all that the image says.
 *
 * @param flags the user's
 * @param image the image's check as flags of {@code podman run}; empty for none
 */
record HealthFlags(ContainerFlags flags, List<String> image) {

    private static final String COMMAND = "--health-cmd";

    HealthFlags {
        image = List.copyOf(image);
    }

    /** Refuses, in Podman's words, what it would refuse if the guest did not tell it that there is no check. */
    void check() throws FcvmException {
        List<String> actions = flags.podmanValues("--health-on-failure");
        if (!actions.isEmpty() && !List.of("", "none").contains(actions.getLast()) && !isChecked()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "cannot set on-failure action to " + actions.getLast() + " without a health check");
        }
    }

    /** Returns what the image says, without what the user says otherwise. */
    List<String> ofImage() {
        if (isSwitchedOff() || !flags.podmanValues(COMMAND).isEmpty()) {
            return List.of();
        }
        var options = new ArrayList<String>();
        for (String option : image) {
            if (flags.podmanValues(option.substring(0, option.indexOf('='))).isEmpty()) {
                options.add(option);
            }
        }
        return List.copyOf(options);
    }

    /** Returns whether the container has a check. */
    boolean isChecked() {
        List<String> commands = flags.podmanValues(COMMAND);
        if (isSwitchedOff()) {
            return false;
        }
        return commands.isEmpty() ? !image.isEmpty() : isCommand(commands.getLast());
    }

    /** Returns whether the user wants no check, or none that is made by itself. */
    boolean isUnwanted() {
        List<String> commands = flags.podmanValues(COMMAND);
        List<String> intervals = flags.podmanValues("--health-interval");
        return isSwitchedOff()
                || (!commands.isEmpty() && !isCommand(commands.getLast()))
                || (!intervals.isEmpty() && List.of("disable", "0").contains(intervals.getLast()));
    }

    private boolean isSwitchedOff() {
        List<String> given = flags.podmanValues("--no-healthcheck");
        return !given.isEmpty() && RunFlags.isYes(given.getLast());
    }

    private static boolean isCommand(String command) {
        return !command.isEmpty() && !command.equalsIgnoreCase("none");
    }
}
