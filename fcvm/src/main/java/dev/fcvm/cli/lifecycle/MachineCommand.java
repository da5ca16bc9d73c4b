package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.settings.Settings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What all commands for machines have alike. */
public abstract class MachineCommand implements Callable<Integer> {

    /** What a machine is called on a command line. */
    protected static final String MACHINE = "Its name, its id or the beginning of its id.";

    /** What the command finds around it. */
    protected final CommandContext context;

    final OpenMachines open;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes one that acts in this context. */
    protected MachineCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    /** What is done with one machine. */
    @FunctionalInterface
    protected interface Step {
        /** Does it. */
        void with(Machine machine) throws FcvmException, InterruptedException;
    }

    /** Returns the settings it has here. */
    protected final Settings settings() throws FcvmException {
        return new SettingsFlags().settings(context);
    }

    /** Returns the user's machines. */
    protected final Machines machines() throws FcvmException {
        return open.of(settings());
    }

    /** Finds a machine for something it must run for; one that is suspended goes on before this returns. */
    protected final Machine awake(String reference) throws FcvmException, InterruptedException {
        Settings settings = settings();
        Machine machine = open.of(settings).find(reference);
        new Starting(context, open, settings).wake(machine);
        return machine;
    }

    /**
     * Does something with each machine, and prints what it was called by. What fails is told, and keeps no other from its
     * turn.
     *
     * @return the exit code
     */
    protected final int each(List<String> references, Step step) throws FcvmException, InterruptedException {
        Machines machines = machines();
        return EachName.of(context).run(references, reference -> {
            step.with(machines.find(reference));
            context.print(reference);
        });
    }
}
