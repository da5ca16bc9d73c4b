package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.MachineStore;
import dev.fcvm.machine.Removal;
import dev.fcvm.machine.StoredMachine;
import dev.fcvm.settings.Settings;
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

    @Option(
            names = {"-f", "--force"},
            description = "End a machine that runs; be content when there is none.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    List<String> machines = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    RmCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        MachineStore store = MachineStore.open(settings.directories());
        var removal = new Removal(store);
        int code = 0;
        for (String reference : machines) {
            try {
                StoredMachine machine = store.find(reference);
                removal.remove(machine, force);
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
