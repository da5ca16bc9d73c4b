package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.AttachedTerminal;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.PlainReport;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.ForegroundRun.Origin;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.MachineState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm start}. */
@Command(
        name = "start",
        header = "Start machines that were made or have ended.",
        description = "The container goes on with the disk, ports, address and name it had. With -a its streams are"
                + " passed on, and the exit code is its own.")
public final class StartCommand extends MachineCommand {

    @Option(
            names = {"-a", "--attach"},
            description = "Stay with the one machine, and show the container's output.")
    boolean attach;

    @Option(
            names = {"-i", "--interactive"},
            description = "Stay with the one machine, and pass standard input on as well.")
    boolean interactive;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys by which a terminal leaves; empty for none. Default: ctrl-p,ctrl-q.")
    @Nullable String detachKeys;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public StartCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        var starting = new Starting(context, open, settings());
        if (!attach && !interactive) {
            return each(references, starting::start);
        }
        if (references.size() > 1) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "you can stay with one machine alone: name one, or leave out --attach");
        }
        return stay(machines().find(references.getFirst()), starting);
    }

    private int stay(Machine machine, Starting starting) throws FcvmException {
        DetachKeys keys = detachKeys == null ? DetachKeys.DEFAULT : DetachKeys.parse(detachKeys);
        Optional<MachineSpec> spec = machine.stored().spec();
        boolean tty = spec.map(MachineSpec::tty).orElse(false);
        boolean input = interactive && spec.map(MachineSpec::interactive).orElse(false);
        RunListener report = new PlainReport(context);
        var run = new ForegroundRun(report, context.signals(), true);
        Origin origin = () -> machine.again(starting.source(report));
        try (AttachedTerminal terminal = AttachedTerminal.of(context, tty, keys)) {
            return machine.stored().state() instanceof MachineState.Up
                    ? run.watch(machine, terminal.stdio(input, true, true))
                    : run.execute(origin, terminal.stdio(input, true, true), true);
        }
    }
}
