package dev.fcvm.agent;

import dev.fcvm.link.message.TerminalSize;
import java.util.List;
import java.util.Optional;

/**
 * One more command to run in a machine.
 *
 * @param container where to run it; empty for the guest itself, as its root
 * @param options options of {@code podman exec}, as {@code --user=1000}; none for the guest itself
 * @param command the program and its arguments
 * @param environment {@code NAME=VALUE}
 * @param terminal the size of the terminal it is to have; empty for none. With one, all output is standard output
 * @param input whether it has a standard input
 * @param output whether its standard output is wanted
 * @param error whether its standard error is wanted
 */
public record ExecRequest(
        String container,
        List<String> options,
        List<String> command,
        List<String> environment,
        Optional<TerminalSize> terminal,
        boolean input,
        boolean output,
        boolean error) {

    /** Copies the lists. */
    public ExecRequest {
        options = List.copyOf(options);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
    }
}
