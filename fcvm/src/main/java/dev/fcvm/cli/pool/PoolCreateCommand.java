package dev.fcvm.cli.pool;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.pool.PoolRecord;
import dev.fcvm.machine.pool.PoolRequest;
import dev.fcvm.machine.pool.PoolRequest.Stock;
import dev.fcvm.machine.pool.PoolView;
import dev.fcvm.net.flags.DnsFlags;
import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import java.util.List;
import java.util.Locale;
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
        header = "Keep machines ready, of a snapshot or without a container.",
        description = {
            "Machines of a snapshot are taken by fcvm clone --pool. Without --snapshot they have no container yet, and fcvm run"
                    + " --pool runs an image in one, where it asks for the same --cpus, --memory, --network, kernel and"
                    + " disk size.",
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
            description = "The snapshot that its machines go on from. Default: the warm base that runs start from.")
    @Nullable String snapshot;

    @Option(
            names = "--cpus",
            paramLabel = "NUMBER",
            description = "As of the fcvm run that is to take one; without --snapshot.")
    @Nullable String cpus;

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "As of the fcvm run that is to take one; without --snapshot.")
    @Nullable String memory;

    @Option(
            names = {"--network", "--net"},
            paramLabel = "NETWORK",
            description = "default or none, as of the fcvm run that is to take one; without --snapshot. [FCVM_NETWORK]")
    @Nullable String network;

    @Option(
            names = "--size",
            paramLabel = "NUMBER",
            description = "How many machines are to be ready, at most 100. Default: 1.")
    int size = 1;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            description = "How much of the host's memory they may take together while they wait, such as 512m."
                    + " Default: all pools together half of what is available.")
    @Nullable String most;

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
        Optional<Long> bound = most == null ? Optional.empty() : Optional.of(PoolRecord.parseMemory(most));
        var request = new PoolRequest(name, size, bound, stock(settings));
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

    private Stock stock(Settings settings) throws FcvmException {
        if (snapshot == null) {
            return new Stock.Warm(Optional.ofNullable(cpus), Optional.ofNullable(memory), network(settings));
        }
        if (cpus != null || memory != null || network != null) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--cpus, --memory and --network are for a pool without --snapshot; a snapshot has its own");
        }
        return new Stock.Saved(snapshot);
    }

    /** As a run has it that asks for nothing more. */
    private NetworkRequest network(Settings settings) throws FcvmException {
        String word = network == null ? settings.network().name().toLowerCase(Locale.ROOT) : network;
        GuestNames names = DnsFlags.parse(List.of(), List.of(), List.of(), List.of());
        return switch (word) {
            case "none" -> NetworkRequest.without(names);
            case "default" -> new NetworkRequest(true, List.of(), Egress.OPEN, false, false, names);
            default ->
                throw new FcvmException(
                        Kind.USAGE,
                        "--network is \"" + word
                                + "\"; the machines of a pool have default or none: a network of machines"
                                + " is entered under a name");
        };
    }
}
