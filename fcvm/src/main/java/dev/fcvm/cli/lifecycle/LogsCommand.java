package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.log.LogQuery;
import dev.fcvm.machine.log.Output;
import java.time.ZoneId;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm logs}. */
@Command(
        name = "logs",
        header = "Show what the container of a machine wrote.",
        description =
                "Standard output and standard error go where the container's went. What is kept is bounded: --log-opt"
                        + " max-size of fcvm run.")
public final class LogsCommand extends MachineCommand {

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the container has ended.")
    boolean follow;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Only what was written since: a time, such as 2026-01-31T12:00:00Z, or how long ago, such as 10m.")
    @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only what was written until then.")
    @Nullable String until;

    @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines. Default: all.")
    @Nullable String tail;

    @Option(
            names = {"-t", "--timestamps"},
            description = "Show when each line was written.")
    boolean timestamps;

    @Option(names = "--console", description = "Show the last of the machine's serial console instead.")
    boolean console;

    @Parameters(index = "0", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    /** Makes the command. */
    public LogsCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        LogQuery query = new LogQuery(
                Times.of("--since", since, context.clock()),
                Times.of("--until", until, context.clock()),
                lines(),
                timestamps);
        Machine machine = machines().find(reference);
        if (console) {
            machine.console().lines().forEach(context::print);
            return 0;
        }
        return Interruptible.run(context, () -> {
            machine.logs(
                    query,
                    follow,
                    ZoneId.systemDefault(),
                    Map.of(Output.STDOUT, context.output(), Output.STDERR, context.error()));
            return 0;
        });
    }

    private OptionalLong lines() throws FcvmException {
        if (tail == null || tail.equals("all") || tail.equals("-1")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(tail));
        } catch (NumberFormatException none) {
            throw new FcvmException(Kind.USAGE, "--tail is \"" + tail + "\"; give a number of lines, or all", none);
        }
    }
}
