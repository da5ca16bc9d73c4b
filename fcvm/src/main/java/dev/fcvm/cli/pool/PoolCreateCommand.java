package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.pool.PoolRecord;
import dev.fcvm.machine.pool.PoolRequest;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.settings.Settings;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm pool create}. */
@Command(
        name = "create",
        header = "Keep machines of a snapshot ready.",
        description = {
            "They are restored and stand still, each with a network of which nothing is published. The supervisor makes"
                    + " another one whenever one was taken. Prints the pool's name as soon as all are ready, or as many"
                    + " as memory allows, which is said on standard error.",
        },
        footer = {"", "Example: fcvm pool create workers --snapshot warm --size 4"})
public final class PoolCreateCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = "--snapshot",
            paramLabel = "SNAPSHOT",
            required = true,
            description = "The snapshot that its machines go on from.")
    String snapshot = "";

    @Option(
            names = "--size",
            paramLabel = "NUMBER",
            description = "How many machines are to be ready, at most 100. Default: 1.")
    int size = 1;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "How much of the host's memory they may take together while they wait, such as 512m."
                    + " Default: all pools together half of what is available.")
    @Nullable String memory;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "Privileges of the machines: rootless, privileged or auto; they need not be those of the"
                    + " machine that was saved. [FCVM_MODE]")
    @Nullable String mode;

    @Parameters(
            paramLabel = "NAME",
            description = "Letters, digits, and not at the beginning _, . and -; none of the user's pools has it.")
    String name = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    PoolCreateCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = SettingsFlags.inMode(mode).settings(context);
        Optional<Long> most = memory == null ? Optional.empty() : Optional.of(PoolRecord.parseMemory(memory));
        var request = new PoolRequest(name, snapshot, size, most);
        return Interruptible.run(context, () -> {
            PoolView made = open.of(settings).pools().create(request, settings);
            if (!made.reason().isEmpty()) {
                context.complain("fcvm: the pool " + name + " has " + made.ready() + " of " + size + " machines: "
                        + made.reason());
            }
            context.print(name);
            return 0;
        });
    }
}
