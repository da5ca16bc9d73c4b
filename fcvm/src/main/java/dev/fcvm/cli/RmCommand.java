package dev.fcvm.cli;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm rm}. */
@Command(name = "rm", header = "Remove machines.", description = "Prints what was given for each that is removed.")
public final class RmCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-f", "--force"},
            description = "End a machine that runs; be content when there is none.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    List<String> machines = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    RmCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Machines all = open.of(new SettingsFlags().settings(context));
        int code = 0;
        for (String reference : machines) {
            try {
                all.find(reference).remove(force);
                context.print(reference);
            } catch (FcvmException failure) {
                if (!force || failure.kind() != FcvmException.Kind.NOT_FOUND) {
                    context.complain("Error: " + failure.getMessage());
                    code = failure.kind() == FcvmException.Kind.NOT_FOUND ? Math.max(code, 1) : 125;
                }
            }
        }
        return code;
    }
}
