package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machines;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm rm}. */
@Command(
        name = "rm",
        header = "Remove machines.",
        description = "Prints what was given for each that is removed.",
        footer = {"", "Exit code: 1 when there is no such machine, 2 when one runs and --force is not given."})
public final class RmCommand extends MachineCommand {

    /** Podman's, of a container that is not there. */
    private static final int NONE = 1;

    /** Podman's, of one that runs. */
    private static final int RUNS = 2;

    @Option(
            names = {"-f", "--force"},
            description = "End a machine that runs; be content when there is none.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public RmCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Machines machines = machines();
        int code = 0;
        for (String reference : references) {
            try {
                machines.find(reference).remove(force).forEach(line -> context.complain("fcvm: " + line));
                context.print(reference);
            } catch (FcvmException failure) {
                if (!force || failure.kind() != Kind.NOT_FOUND) {
                    context.complain("Error: " + failure.getMessage());
                    code = code == NONE ? code : code(failure);
                }
            }
        }
        return code;
    }

    private int code(FcvmException failure) {
        return switch (failure.kind()) {
            case NOT_FOUND -> NONE;
            case IN_USE -> force ? failure.kind().exitCode() : RUNS;
            default -> failure.kind().exitCode();
        };
    }
}
