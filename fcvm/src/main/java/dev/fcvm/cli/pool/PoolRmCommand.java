package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.pool.Pools;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm pool rm}. */
@Command(
        name = "rm",
        header = "Remove pools.",
        description = "The machines that wait in them are ended; those that were taken go on. Prints the names of those"
                + " removed.")
public final class PoolRmCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-f", "--force"},
            description = "Do not fail where there is no such pool.")
    boolean force;

    @Option(
            names = {"-a", "--all"},
            description = "Remove all pools.")
    boolean all;

    @Parameters(arity = "0..*", paramLabel = "POOL", description = "Its name.")
    List<String> names = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    PoolRmCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (all != names.isEmpty()) {
            throw new FcvmException(Kind.USAGE, "name the pools to remove, or give --all and no name");
        }
        Pools pools = open.of(new SettingsFlags().settings(context)).pools().all();
        return EachName.of(context).forgiving(force).run(all ? pools.names() : names, name -> {
            pools.remove(name);
            context.print(name);
        });
    }
}
