package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.SnapshotStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm snapshot create}. */
@Command(
        name = "create",
        header = "Save a machine as it runs.",
        description = {
            "The machine stands still while its memory and disk are written, and goes on. Prints the snapshot's name.",
            "A snapshot holds the machine's memory, and with it every secret it was given. Its files are readable by you"
                    + " alone."
        })
public final class SnapshotCreateCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Parameters(index = "0", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String reference = "";

    @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "What the snapshot is to be called.")
    String name = "";

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not say what a snapshot holds.")
    boolean quiet;

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotCreateCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        SnapshotStore store = SnapshotStore.open(settings.directories());
        store.checkFree(name);
        Machine machine = open.of(settings).find(reference);
        return Interruptible.run(context, () -> {
            if (!quiet) {
                context.complain("fcvm: the snapshot will hold all secrets in the memory of " + machine.name()
                        + "; keep it as safe as those");
            }
            Saved.save(machine, store, name, settings);
            context.print(name);
            return 0;
        });
    }
}
