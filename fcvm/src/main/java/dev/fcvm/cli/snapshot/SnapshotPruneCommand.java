package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.pool.PoolStore;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm snapshot prune}. */
@Command(
        name = "prune",
        header = "Remove snapshots that are of no use here.",
        description =
                "Those that are damaged, or were made on another processor, and warm bases from which no machine starts any"
                        + " more; with --all every one. Prints the names of those removed.")
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
        Settings settings = new SettingsFlags().settings(context);
        SnapshotStore store = SnapshotStore.open(settings.directories());
        var pools = new PoolStore(settings.directories());
        for (String name : store.names()) {
            if (!all && !isUseless(store, name)) {
                continue;
            }
            List<String> users = pools.usersOf(name);
            if (users.isEmpty()) {
                store.remove(name);
                context.print(name);
            } else {
                context.complain(
                        "fcvm: the snapshot " + name + " stays: the pool " + String.join(", ", users) + " uses it");
            }
        }
        for (String name : WarmMaker.prune(settings, Vmms::choose, Clock.systemUTC(), all)) {
            context.print("warm base " + name);
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
