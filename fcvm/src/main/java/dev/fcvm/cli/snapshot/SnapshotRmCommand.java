package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.pool.PoolStore;
import dev.fcvm.settings.Directories;
import dev.fcvm.snapshot.SnapshotStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm snapshot rm}. */
@Command(
        name = "rm",
        header = "Remove snapshots.",
        description = "Machines that were made of them go on. Prints the names of those removed.")
public final class SnapshotRmCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-f", "--force"},
            description = "Do not fail where there is no such snapshot.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "SNAPSHOT", description = "Its name.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotRmCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Directories directories = new SettingsFlags().settings(context).directories();
        SnapshotStore store = SnapshotStore.open(directories);
        var pools = new PoolStore(directories);
        return EachName.of(context).forgiving(force).run(names, name -> {
            pools.refuseUsed(name);
            store.remove(name);
            context.print(name);
        });
    }
}
