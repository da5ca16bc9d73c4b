package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotStore;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm snapshot ls}. */
@Command(name = "ls", header = "List the snapshots.", description = "Oldest first.")
public final class SnapshotLsCommand implements Callable<Integer> {

    private static final String ROW = "%-20s%-20s%-28s%-13s%-21s%s";
    private static final int SECONDS = "2026-01-01T00:00:00".length();
    private static final long MIB = 1 << 20;

    private final CommandContext context;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the names only.")
    boolean quiet;

    @Option(names = "--json", description = "Print them as a JSON array.")
    boolean json;

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotLsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SnapshotStore store =
                SnapshotStore.open(new SettingsFlags().settings(context).directories());
        if (quiet) {
            store.names().forEach(context::print);
            return 0;
        }
        List<SnapshotView> views = new ArrayList<>();
        List<String> unlisted = new ArrayList<>(store.names());
        for (Snapshot snapshot : store.list()) {
            views.add(SnapshotView.of(snapshot));
            unlisted.remove(snapshot.name());
        }
        if (json) {
            context.printJson(Jsonb.instance()
                    .<List<SnapshotView>>type(Types.listOf(SnapshotView.class))
                    .toJson(views));
        } else {
            context.print(ROW.formatted("NAME", "MACHINE", "IMAGE", "VMM", "CREATED", "SIZE"));
            views.forEach(view -> context.print(ROW.formatted(
                    // A long one moves what follows it, as nothing of it can be left out.
                    view.name() + " ",
                    view.machine() + " ",
                    view.image() + " ",
                    view.vmm(),
                    view.created().substring(0, Math.min(SECONDS, view.created().length())),
                    view.size() / MIB + " MiB")));
        }
        unlisted.forEach(name -> context.complain("fcvm: the snapshot " + name
                + " is damaged, and no machine can be made of it; remove it with: fcvm snapshot rm " + name));
        return 0;
    }
}
