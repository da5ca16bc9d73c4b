package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.ready.ReadyCondition;
import dev.fcvm.machine.store.EndRecord;
import dev.fcvm.machine.store.MachineState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm wait}. */
@Command(
        name = "wait",
        header = "Wait until the containers of machines have ended, and print their exit codes.",
        description = "Of a machine that is gone already, its code is told for an hour.")
public final class WaitCommand extends MachineCommand {

    @Option(
            names = "--condition",
            paramLabel = "STATE",
            description = "Wait for another state: running, healthy, stopped, exited or removed. Default: exited.")
    String condition = "exited";

    @Option(
            names = "--ready",
            arity = "0..1",
            preprocessor = AttachedOrNothing.class,
            paramLabel = "CONDITION",
            description = "Wait until they are ready, in the words of --wait-ready: by default in those they were made"
                    + " with, else until they are healthy, say so by their label, or run.")
    @Nullable String ready;

    @Option(
            names = {"-i", "--ignore"},
            description = "Print -1 for a machine that is not there.")
    boolean ignore;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** A value stands behind an equals sign; what follows otherwise is a machine. */
    static final class AttachedOrNothing implements IParameterPreprocessor {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
            if (" ".equals(info.get("separator"))) {
                arguments.push("");
            }
            return false;
        }
    }

    /** Makes the command. */
    public WaitCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (ready != null || condition.equals("healthy")) {
            Optional<String> wanted = ready == null
                    ? Optional.of("mode=healthcheck,timeout=24h")
                    : Optional.of(ready).filter(text -> !text.isEmpty());
            if (wanted.isPresent()) {
                ReadyCondition.parse("--ready", wanted.get());
            }
            return Interruptible.run(context, () -> each(references, machine -> machine.awaitReady(wanted)));
        }
        Predicate<MachineState> wanted = switch (condition) {
            case "exited", "stopped" ->
                state -> state instanceof MachineState.Resting && !(state instanceof MachineState.Suspended);
            case "running" -> MachineState.Running.class::isInstance;
            case "removed" -> _ -> false;
            default ->
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--condition is \"" + condition
                                + "\"; it must be one of: exited, stopped, running, healthy, removed");
        };
        return Interruptible.run(context, () -> {
            int code = 0;
            for (String reference : references) {
                code = Math.max(code, tell(reference, wanted));
            }
            return code;
        });
    }

    private int tell(String reference, Predicate<MachineState> wanted) throws FcvmException, InterruptedException {
        Machines machines = machines();
        try {
            Optional<EndRecord> gone = machines.findGone(reference);
            if (gone.isPresent() && machines.named(reference).isEmpty()) {
                context.print(Integer.toString(gone.get().code()));
                return 0;
            }
            Machine machine = machines.find(reference);
            Optional<MachineState> reached = machine.await(wanted);
            context.print(Integer.toString(
                    reached.isPresent()
                            ? code(reached.get())
                            : gone(machine.id().value())));
            return 0;
        } catch (FcvmException failure) {
            if (ignore && failure.kind() == FcvmException.Kind.NOT_FOUND) {
                context.print("-1");
                return 0;
            }
            context.complain("Error: " + failure.getMessage());
            return failure.kind().exitCode();
        }
    }

    private int gone(String id) throws FcvmException {
        return machines().findGone(id).map(EndRecord::code).orElse(-1);
    }

    /** Podman's answers: -1 of one that runs, 0 of one that never did. */
    private static int code(MachineState state) {
        return switch (state) {
            case MachineState.Exited exited -> exited.code();
            case MachineState.Failed failed -> 125;
            case MachineState.Created created -> 0;
            default -> -1;
        };
    }
}
