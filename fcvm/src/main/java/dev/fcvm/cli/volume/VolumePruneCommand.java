package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.named.VolumeStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm volume prune}. */
@Command(
        name = "prune",
        header = "Remove all volumes that no machine has, with what is in them.",
        description = "Prints the name of each. Machines that do not run count as well.")
public final class VolumePruneCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-f", "--force"},
            description = "Do it: without this flag nothing is removed.")
    boolean force;

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumePruneCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Machines machines = open.of(Volumes.settings(context));
        VolumeStore store = Volumes.store(context);
        for (VolumeStore.Found volume : store.list()) {
            String name = volume.what().name();
            if (volume.machines().isEmpty() && Volumes.users(machines, name).isEmpty()) {
                if (force) {
                    store.remove(VolumeName.parse(name));
                }
                context.print(name);
            }
        }
        if (!force) {
            context.complain("Error: nothing was removed; to remove these, run: fcvm volume prune -f");
            return FcvmException.Kind.USAGE.exitCode();
        }
        return 0;
    }
}
