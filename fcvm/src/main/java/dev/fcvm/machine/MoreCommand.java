package dev.fcvm.machine;

import dev.fcvm.host.text.RawText;
import java.util.List;

/**
 * One more command to run in a machine.
 *
 * @param guest whether it is to run in the guest itself, as its root; else it runs in the container
 * @param options options of {@code podman exec}, as {@code --user=1000}; none for the guest itself
 * @param command the program and its arguments
 * @param environment {@code NAME=VALUE}
 * @param tty whether it is to have a terminal
 */
public record MoreCommand(
        boolean guest, List<String> options, List<String> command, List<String> environment, boolean tty) {

    public MoreCommand {
        options = RawText.replaced(options);
        command = RawText.replaced(command);
        environment = RawText.replaced(environment);
    }
}
