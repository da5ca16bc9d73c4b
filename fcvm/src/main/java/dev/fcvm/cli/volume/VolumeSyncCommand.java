package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.MappingSync;
import dev.fcvm.settings.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume sync}. */
@Command(
        name = "sync",
        header = "Bring back what a machine changed in its copies of directories.",
        description =
                "Of a machine that runs: what its container has written until now; it stands still meanwhile. Of one that"
                        + " has ended: with sync=none, or where bringing it back failed. Tells what was changed on both sides.")
public final class VolumeSyncCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Parameters(arity = "1", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeSyncCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = Volumes.settings(context);
        new MappingSync(open.of(settings), settings).run(machine).forEach(line -> context.complain("fcvm: " + line));
        return 0;
    }
}
