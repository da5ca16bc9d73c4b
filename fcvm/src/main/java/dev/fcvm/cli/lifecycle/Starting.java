package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.PlainReport;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.settings.Settings;

/**
 * Starts machines that are there.
 *
 * @param context whose command it is
 * @param open the user's machines
 * @param settings what the user has set
 */
record Starting(CommandContext context, OpenMachines open, Settings settings) {

    /**
     * Wakes a machine when it is suspended, and returns when it goes on; whoever is ended by a signal meanwhile does not end
     * the waking. Nothing is done with any other.
     */
    void wake(Machine machine) throws FcvmException, InterruptedException {
        machine.wake(source(new PlainReport(context)));
    }

    /** Starts a machine, and returns when its container runs. As Podman: of one that runs nothing is done. */
    void start(Machine machine) throws FcvmException, InterruptedException {
        RunListener report = new PlainReport(context);
        int code = switch (machine.stored().state()) {
            case MachineState.Up up -> 0;
            case MachineState.Suspended suspended ->
                Interruptible.run(context, () -> {
                    machine.wake(source(report));
                    return 0;
                });
            default ->
                new ForegroundRun(report, context.signals(), false)
                        .launch(() -> machine.again(source(report)), context.error(), true, _ -> {});
        };
        if (code != 0) {
            throw new FcvmException(
                    FcvmException.Kind.GUEST,
                    "machine " + machine.name() + " was not started: its run ended with " + code
                            + " before the container ran");
        }
    }

    /** Returns what a start needs of this command. */
    MachineSource source(RunListener report) {
        return new MachineSource(
                settings,
                open.monitors(),
                () -> {
                    throw new IllegalStateException("the machine has its image");
                },
                report);
    }
}
