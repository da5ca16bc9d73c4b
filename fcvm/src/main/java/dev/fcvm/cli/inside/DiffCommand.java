package dev.fcvm.cli.inside;

import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.inside.Changes;
import dev.fcvm.machine.inside.GuestPodman;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm diff}. */
@Command(
        name = "diff",
        header = "Show what a container that runs has changed of its image.",
        description = "A line each: C for changed, A for added, D for deleted.")
public final class DiffCommand extends MachineCommand {

    @Option(names = "--format", paramLabel = "json", description = "Print them as a JSON document.")
    @Nullable String format;

    @Parameters(paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    /** Makes the command. */
    public DiffCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (format != null && !format.equals("json")) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--format is \"%s\"; it must be: json".formatted(format));
        }
        GuestPodman podman = machines().find(reference).podman("compared with its image");
        Changes changes = Changes.of(podman);
        if (format == null) {
            changes.lines().forEach(context::print);
        } else {
            context.printJson(Jsonb.instance().type(String.class).list().map().toJson(changes.byKind()));
        }
        return 0;
    }
}
