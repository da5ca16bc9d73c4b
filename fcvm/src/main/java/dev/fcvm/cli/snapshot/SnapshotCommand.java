package dev.fcvm.cli.snapshot;

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

/** {@code fcvm snapshot}: machines that are saved as they run. */
@Command(
        name = "snapshot",
        header = "Save machines as they run, and manage what was saved.",
        description = "fcvm clone makes machines that go on from there.")
public final class SnapshotCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private SnapshotCommand() {}

    /** Makes the command with its subcommands. */
    public static CommandLine in(CommandContext context, OpenMachines machines, Images images) {
        return new CommandLine(new SnapshotCommand())
                .addSubcommand("create", new SnapshotCreateCommand(context, machines))
                .addSubcommand("ls", new SnapshotLsCommand(context), "list")
                .addSubcommand("inspect", new SnapshotInspectCommand(context))
                .addSubcommand("rm", new SnapshotRmCommand(context), "remove")
                .addSubcommand("prune", new SnapshotPruneCommand(context))
                .addSubcommand("export", new SnapshotExportCommand(context, images))
                .addSubcommand("import", new SnapshotImportCommand(context, machines, images));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }
}
