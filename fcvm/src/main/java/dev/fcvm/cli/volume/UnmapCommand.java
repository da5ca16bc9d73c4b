package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm unmap}. */
@Command(
        name = "unmap",
        header = "Take away what fcvm map has mapped.",
        description =
                "Whoever uses it in the container gets errors. What the container changed in a copy (mode=block) comes back.")
public final class UnmapCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Parameters(index = "0", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "GUEST", description = "The path in the container.")
    List<String> targets = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public UnmapCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Machine found = open.of(Volumes.settings(context)).find(machine);
        for (String target : targets) {
            found.unmap(target).forEach(line -> context.complain("fcvm: " + line));
        }
        return 0;
    }
}
