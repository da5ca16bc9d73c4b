package dev.fcvm.cli.network;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.NetworkRemoval;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm network rm}, with the exit codes of podman network rm. */
@Command(
        name = "rm",
        header = "Remove networks that join machines.",
        description = "Prints what was given for each that is removed. Exits with 1 when there is no such network, and"
                + " with 2 when machines are in it.")
public final class NetworkRmCommand implements Callable<Integer> {

    private static final int NOT_THERE = 1;
    private static final int IN_USE = 2;

    private final CommandContext context;
    private final OpenMachines machines;

    @Option(
            names = {"-f", "--force"},
            description = "Remove the machines in it first; be content when there is no such network.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Its name, its id or the beginning of its id.")
    List<String> networks = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    NetworkRmCommand(CommandContext context, OpenMachines machines) {
        this.context = context;
        this.machines = machines;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        var removal = new NetworkRemoval(machines.of(settings), line -> context.complain("fcvm: " + line));
        return EachName.of(context)
                .forgiving(force)
                .exiting(NetworkRmCommand::code)
                .run(networks, reference -> {
                    removal.remove(reference, force);
                    context.print(reference);
                });
    }

    private static int code(Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> NOT_THERE;
            case IN_USE -> IN_USE;
            default -> kind.exitCode();
        };
    }
}
