package dev.fcvm.cli.inside;

import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.inside.CopyArgument;
import dev.fcvm.machine.inside.CopyIn;
import dev.fcvm.machine.inside.CopyOut;
import dev.fcvm.machine.inside.GuestPodman;
import dev.fcvm.machine.inside.Unwritten;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm cp}. */
@Command(
        name = "cp",
        header = "Copy files and directories between a container that runs and this host.",
        customSynopsis = "fcvm cp [FLAG…] [MACHINE:]SOURCE [MACHINE:]DESTINATION",
        description =
                "As podman cp: a directory is copied with all that is in it, DIRECTORY/. without itself. With - for"
                        + " SOURCE an archive comes from standard input, with - for DESTINATION one goes to standard output."
                        + " What is copied out belongs to you, what is copied in to the container's user.")
public final class CpCommand extends MachineCommand {

    @Option(
            names = {"-a", "--archive"},
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Give what is copied in to the container's user; --archive=false keeps the owners' numbers."
                    + " Default: true.")
    boolean archive = true;

    @Option(
            names = "--overwrite",
            description = "Let a file take the place of a directory, and a directory that of a file.")
    boolean overwrite;

    @Option(names = "--pause", arity = "0..1", fallbackValue = "true", hidden = true)
    boolean pause;

    @Option(names = "--extract", arity = "0..1", fallbackValue = "true", hidden = true)
    boolean extract;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "What is copied.")
    String source = "";

    @Parameters(index = "1", paramLabel = "DESTINATION", description = "Where to.")
    String destination = "";

    /** Makes the command. */
    public CpCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        CopyArgument from = CopyArgument.parse(source);
        CopyArgument to = CopyArgument.parse(destination);
        if (from.machine().isEmpty() && to.machine().isEmpty()) {
            throw new FcvmException(
                    Kind.USAGE, "neither side names a machine: write MACHINE:PATH for what is in its container");
        }
        if (to.isStream() && context.outputIsTerminal()) {
            throw new FcvmException(Kind.USAGE, "an archive is nothing for a terminal; use a file, or a pipe");
        }
        return Interruptible.run(context, () -> {
            try {
                copy(from, to);
                return 0;
            } catch (Unwritten untaken) {
                throw new CommandContext.NobodyReads(untaken.why());
            }
        });
    }

    private void copy(CopyArgument from, CopyArgument to) throws FcvmException, Unwritten, InterruptedException {
        if (from.machine().isPresent()) {
            CopyOut out = new CopyOut(
                    podman(from.machine().get(), "copied from"),
                    from,
                    overwrite,
                    settings().diskFloor());
            if (to.machine().isPresent()) {
                into(to.machine().get(), to).fromContainer(out);
            } else if (to.isStream()) {
                out.toStream(context.output());
            } else {
                out.toHost(to.path(), context.path(to.path()));
            }
            return;
        }
        CopyIn in = into(to.machine().orElseThrow(), to);
        if (from.isStream()) {
            in.fromStream(Channels.newInputStream(context.input()));
        } else {
            in.fromHost(from, context.path(from.path()));
        }
    }

    private GuestPodman podman(String machine, String what) throws FcvmException, InterruptedException {
        return awake(machine).podman(what);
    }

    private CopyIn into(String machine, CopyArgument to) throws FcvmException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("--archive=" + archive));
        if (overwrite) {
            options.add("--overwrite");
        }
        return new CopyIn(podman(machine, "copied to"), to.path(), options);
    }
}
