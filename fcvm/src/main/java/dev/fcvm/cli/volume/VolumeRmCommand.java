package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machines;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.named.VolumeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume rm}, with the exit codes of podman volume rm. */
@Command(
        name = "rm",
        header = "Remove volumes, with what is in them.",
        description =
                "Prints what was given for each that is removed. Exits with 1 when there is no such volume, and with"
                        + " 2 when a machine has it.")
public final class VolumeRmCommand implements Callable<Integer> {

    private static final int NOT_THERE = 1;
    private static final int IN_USE = 2;

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-f", "--force"},
            description = "Remove the machines that have it first; be content when there is no such volume.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Its name.")
    List<String> volumes = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeRmCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Machines machines = open.of(Volumes.settings(context));
        VolumeStore store = Volumes.store(context);
        return EachName.of(context)
                .forgiving(force)
                .exiting(VolumeRmCommand::code)
                .run(volumes, name -> {
                    remove(VolumeName.parse(name), store, machines);
                    context.print(name);
                });
    }

    private void remove(VolumeName name, VolumeStore store, Machines machines)
            throws FcvmException, InterruptedException {
        List<String> users = Volumes.users(machines, name.value());
        if (!users.isEmpty() && !force) {
            throw Volumes.inUse(name.value(), users);
        }
        for (String machine : users) {
            machines.find(machine).remove(true).forEach(line -> context.complain("fcvm: " + line));
        }
        store.remove(name);
    }

    private static int code(Kind kind) {
        return switch (kind) {
            case NOT_FOUND -> NOT_THERE;
            case IN_USE -> IN_USE;
            default -> kind.exitCode();
        };
    }
}
