package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotManifest;
import dev.fcvm.snapshot.SnapshotStore;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm snapshot inspect}. */
@Command(
        name = "inspect",
        header = "Show all that is known of snapshots.",
        description = "A JSON array of their manifests.")
public final class SnapshotInspectCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(names = "--check", description = "Read every byte first, and fail when one is not what was saved.")
    boolean check;

    @Parameters(arity = "1..*", paramLabel = "SNAPSHOT", description = "Its name.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotInspectCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SnapshotStore store =
                SnapshotStore.open(new SettingsFlags().settings(context).directories());
        List<SnapshotManifest> manifests = new ArrayList<>();
        int code = EachName.of(context).run(names, name -> {
            Snapshot snapshot = store.find(name);
            if (check) {
                SnapshotCheck.read(snapshot);
            }
            manifests.add(snapshot.manifest());
        });
        context.printJson(Jsonb.instance()
                .<List<SnapshotManifest>>type(Types.listOf(SnapshotManifest.class))
                .toJsonPretty(manifests));
        return code;
    }
}
