package dev.fcvm.cli.inside;

import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fcvm top}. */
@Command(
        name = "top",
        header = "Show the processes of a container that runs.",
        customSynopsis = "fcvm top [FLAG…] MACHINE [DESCRIPTOR… | PS-OPTION…]",
        description = "As podman top: descriptors are user, pid, args, seccomp, capeff and others (podman-top(1)); with"
                + " options of ps(1), the container's own ps is asked.")
public final class TopCommand extends MachineCommand {

    @Parameters(index = "0", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "DESCRIPTOR", description = "What is shown of each.")
    List<String> descriptors = new ArrayList<>();

    /** Makes the command. */
    public TopCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        byte[] table =
                machines().find(reference).podman("asked for its processes").ask(List.of("top"), descriptors);
        new String(table, StandardCharsets.UTF_8).lines().forEach(context::print);
        return 0;
    }
}
