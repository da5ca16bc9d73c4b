package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.AttachedTerminal;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.PlainReport;
import dev.fcvm.command.CommandContext;
import dev.fcvm.command.Subscription;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.machine.Execution;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.MoreCommand;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.machine.session.Stdio;
import dev.fcvm.machine.spec.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm exec}. */
@Command(
        name = "exec",
        header = "Run one more command in a container that runs.",
        customSynopsis = "fcvm exec [FLAG…] MACHINE COMMAND [ARGUMENT…]",
        description = "Ends with the command's exit code; 125 when it could not be asked for, 126 when it cannot be"
                + " invoked, 127 when it is not there.")
public final class ExecCommand extends MachineCommand {

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass standard input on.")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal.")
    boolean tty;

    @Option(
            names = {"-d", "--detach"},
            description =
                    "Do not wait for the command; print the id of its session, by which fcvm events tells its end.")
    boolean detach;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys by which a terminal leaves; empty for none. Default: ctrl-p,ctrl-q.")
    @Nullable String detachKeys;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable; NAME alone passes yours on.")
    List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read variables from a file, one a line.")
    List<String> envFiles = new ArrayList<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "User, by name or number.")
    @Nullable String user;

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Working directory in the container.")
    @Nullable String workdir;

    @Option(names = "--privileged", description = "Give the command every privilege in the machine.")
    boolean privileged;

    @Option(names = "--vm", description = "Run it in the machine itself, as its root, beside the container.")
    boolean guest;

    @Parameters(index = "0", paramLabel = "MACHINE", description = MACHINE)
    String reference = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "Command and arguments.")
    List<String> command = new ArrayList<>();

    /** Makes the command. */
    public ExecCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        DetachKeys keys = detachKeys == null ? DetachKeys.DEFAULT : DetachKeys.parse(detachKeys);
        List<String> variables =
                Environment.of(envFiles.stream().map(context::path).toList(), env, context.environment(), false);
        var wanted = new MoreCommand(guest, options(), command, variables, tty);
        Machine machine = awake(reference);
        if (detach) {
            try (Execution execution = machine.exec(wanted, Stdio.NONE, new PlainReport(context))) {
                execution.awaitStart();
                context.print(execution.id());
                return 0;
            }
        }
        try (AttachedTerminal terminal = AttachedTerminal.of(context, tty, keys)) {
            Stdio stdio = terminal.stdio(interactive, true, true);
            try (Execution execution = machine.exec(wanted, stdio, new PlainReport(context))) {
                return await(execution);
            }
        }
    }

    /**
     * As with Podman, a signal ends whoever waits; the command is told of it as well. Who was killed waits no more, even
     * where the command cannot end, as in a machine that is paused.
     */
    private int await(Execution execution) throws FcvmException, InterruptedException {
        var gone = new CompletableFuture<Boolean>();
        try (Subscription _ = context.signals().available()
                        ? context.signals().subscribe(signal -> execution.signal(signal.number()))
                        : () -> {};
                Subscription _ = context.signals().onGone(() -> {
                    execution.signal(LinuxSignal.HUP.number());
                    gone.complete(true);
                })) {
            var over = execution.exit().handle((code, failure) -> true);
            CompletableFuture.anyOf(over, execution.detached(), gone).join();
            return over.isDone() ? execution.await() : 0;
        }
    }

    private List<String> options() throws FcvmException {
        var options = new ArrayList<String>();
        Optional.ofNullable(user).ifPresent(value -> options.add("--user=" + value));
        Optional.ofNullable(workdir).ifPresent(value -> options.add("--workdir=" + value));
        if (privileged) {
            options.add("--privileged");
        }
        if (guest && !options.isEmpty()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--vm runs the command as the machine's root, in its root directory; leave out --user, --workdir and"
                            + " --privileged");
        }
        return options;
    }
}
