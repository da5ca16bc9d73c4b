package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm snapshot prune}. */
@Command(
        name = "prune",
        header = "Remove snapshots that are of no use here.",
        description =
                "Those that are damaged, or were made on another processor; with --all every one. Prints the names"
                        + " of those removed.")
public final class SnapshotPruneCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-a", "--all"},
            description = "Remove those as well of which machines can be made.")
    boolean all;

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotPruneCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SnapshotStore store =
                SnapshotStore.open(new SettingsFlags().settings(context).directories());
        for (String name : store.names()) {
            if (all || isUseless(store, name)) {
                store.remove(name);
                context.print(name);
            }
        }
        return 0;
    }

    private static boolean isUseless(SnapshotStore store, String name) {
        try {
            SnapshotCheck.check(store.find(name));
            return false;
        } catch (FcvmException useless) {
            return true;
        }
    }
}
