package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm volume}: disks that outlive machines, under Podman's names. */
@Command(
        name = "volume",
        header = "Manage named volumes.",
        description =
                "A volume is a disk that outlives machines (fcvm run -v NAME:/path). One machine may write to it, or"
                        + " several may read it.")
public final class VolumeCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private VolumeCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines) {
        return new CommandLine(new VolumeCommand())
                .addSubcommand("create", new VolumeCreateCommand(context))
                .addSubcommand("ls", new VolumeLsCommand(context), "list")
                .addSubcommand("inspect", new VolumeInspectCommand(context))
                .addSubcommand("exists", new VolumeExistsCommand(context))
                .addSubcommand("rm", new VolumeRmCommand(context, machines), "remove")
                .addSubcommand("prune", new VolumePruneCommand(context, machines))
                .addSubcommand("export", new VolumeExportCommand(context))
                .addSubcommand("import", new VolumeImportCommand(context))
                .addSubcommand("sync", new VolumeSyncCommand(context, machines));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
