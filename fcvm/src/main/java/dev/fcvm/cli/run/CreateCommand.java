package dev.fcvm.cli.run;

import dev.fcvm.cli.image.ImageOptions;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import picocli.CommandLine.Command;

/** {@code fcvm create}. */
@Command(
        name = "create",
        header = "Make a machine, and start it later.",
        customSynopsis = "fcvm create [FLAG…] IMAGE [COMMAND [ARGUMENT…]]",
        description = "Prints the machine's id. Flags mean what they mean to fcvm run; fcvm start starts it.")
public final class CreateCommand extends NewMachine {

    /** Makes the command. */
    public CreateCommand(CommandContext context, OpenMachines machines) {
        super(context, machines);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        saving.refuse();
        Wanted wanted = wanted();
        var report = new RunReport(context, output.quiet, Timings.since(context.startedNanos()));
        return Interruptible.run(context, () -> {
            try (ImageOptions _ = images) {
                Machine machine = machines.of(wanted.settings())
                        .create(wanted.request(), source(wanted.settings(), report), false);
                context.print(machine.id().value());
                return 0;
            }
        });
    }
}
