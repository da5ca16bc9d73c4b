package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.machine.pool.Pools;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm pool inspect}. */
@Command(
        name = "inspect",
        header = "Show pools, as JSON.",
        description = "Prints an array of those that are there, with the ids of the machines that wait in them.")
public final class PoolInspectCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Parameters(arity = "1..*", paramLabel = "POOL", description = "Its name.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    PoolInspectCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Pools pools = open.of(new SettingsFlags().settings(context)).pools().all();
        List<PoolView> found = new ArrayList<>();
        int code = EachName.of(context).run(names, name -> found.add(pools.view(name)));
        context.printJson(Jsonb.instance()
                .<List<PoolView>>type(Types.listOf(PoolView.class))
                .toJson(found));
        return code;
    }
}
