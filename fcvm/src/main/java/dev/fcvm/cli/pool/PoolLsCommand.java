package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.machine.pool.Pools;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm pool ls}. */
@Command(
        name = "ls",
        header = "List the pools.",
        description =
                "Shows how many machines of each are ready, what they take of the host's memory, and why there are"
                        + " fewer than there are to be.")
public final class PoolLsCommand implements Callable<Integer> {

    private static final String ROW = "%-20s%-20s%-12s%-8s%-10s%s";
    private static final long MIB = 1 << 20;

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the names only.")
    boolean quiet;

    @Option(names = "--json", description = "Print them as a JSON array.")
    boolean json;

    @Option(names = "--format", paramLabel = "FORMAT", description = "json: the same as --json.")
    @Nullable String format;

    @Mixin
    CommonFlags common = new CommonFlags();

    PoolLsCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (format != null && !format.equals("json")) {
            throw new FcvmException(Kind.USAGE, "--format is \"" + format + "\"; it must be json");
        }
        Pools pools = open.of(new SettingsFlags().settings(context)).pools().all();
        if (quiet) {
            pools.names().forEach(context::print);
            return 0;
        }
        List<PoolView> views = pools.views(damaged -> context.complain("fcvm: " + damaged.getMessage()));
        if (json || format != null) {
            context.printJson(Jsonb.instance()
                    .<List<PoolView>>type(Types.listOf(PoolView.class))
                    .toJson(views));
            return 0;
        }
        context.print(ROW.formatted("NAME", "SNAPSHOT", "MODE", "READY", "MEMORY", "NOTE")
                .stripTrailing());
        views.forEach(view -> context.print(ROW.formatted(
                        // A long one moves what follows it, as nothing of it can be left out.
                        view.name() + " ",
                        (view.snapshot().isEmpty() ? "(warm base)" : view.snapshot()) + " ",
                        view.mode(),
                        view.ready() + "/" + view.size(),
                        view.used() / MIB + " MiB",
                        view.reason())
                .stripTrailing()));
        return 0;
    }
}
