package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.AttachedTerminal;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.PlainReport;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.machine.spec.MachineSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm attach}. */
@Command(
        name = "attach",
        header = "Watch a container that runs, and type to it.",
        description =
                "Ends with the container's exit code. Signals go to the container; the keys ctrl-p ctrl-q leave it,"
                        + " and it goes on.")
public final class AttachCommand extends MachineCommand {

    @Option(names = "--no-stdin", description = "Do not pass standard input on.")
    boolean noStdin;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys by which a terminal leaves; empty for none. Default: ctrl-p,ctrl-q.")
    @Nullable String detachKeys;

    @Option(
            names = "--sig-proxy",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Pass signals on to the container. Default: true.")
    boolean relay = true;

    @Parameters(index = "0", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    /** Makes the command. */
    public AttachCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        DetachKeys keys = detachKeys == null ? DetachKeys.DEFAULT : DetachKeys.parse(detachKeys);
        Machine machine = awake(reference);
        boolean tty = machine.stored().spec().map(MachineSpec::tty).orElse(false);
        boolean input = !noStdin
                && machine.stored().spec().map(MachineSpec::interactive).orElse(false);
        var run = new ForegroundRun(new PlainReport(context), context.signals(), relay);
        try (AttachedTerminal terminal = AttachedTerminal.of(context, tty, keys)) {
            return run.watch(machine, terminal.stdio(input, true, true));
        }
    }
}
