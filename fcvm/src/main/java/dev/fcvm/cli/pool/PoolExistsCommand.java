package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.pool.PoolStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm pool exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether there is a pool.",
        description = "Exits with 0 when there is, and with 1 when there is not.")
public final class PoolExistsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "POOL", description = "Its name.")
    String name = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    PoolExistsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException {
        return new PoolStore(new SettingsFlags().settings(context).directories()).has(name) ? 0 : 1;
    }
}
