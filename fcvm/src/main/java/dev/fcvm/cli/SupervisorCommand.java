package dev.fcvm.cli;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.supervisor.Supervisor;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm supervisor}. */
@Command(
        name = "supervisor",
        header = "Look at the supervisor, the process that runs commands, or end it.",
        description = "The first command starts it; it ends when it has long had nothing to do (FCVM_SUPERVISOR_IDLE)."
                + " Without it, each command runs in its own process (FCVM_SUPERVISOR=off). fcvm supervisor run"
                + " serves in the foreground, for a service manager.")
public final class SupervisorCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private SupervisorCommand() {}

    /** Makes the command with its subcommands. */
    static CommandLine in(CommandContext context, Optional<Supervisor> supervisor) {
        return new CommandLine(new SupervisorCommand())
                .addSubcommand("status", new Status(context, supervisor))
                .addSubcommand("stop", new Stop(context, supervisor));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    /**
     * What is shown of it, and as JSON.
     *
     * @param process its process id
     * @param data the data directory it serves
     * @param socket where launchers find it
     * @param log its log
     * @param commands how many commands it runs besides this one
     * @param machines how many machines it looks after
     */
    @Json
    record View(long process, String data, String socket, String log, int commands, int machines) {

        static View of(Supervisor supervisor) {
            return new View(
                    ProcessHandle.current().pid(),
                    supervisor.identity().data().toString(),
                    supervisor.identity().socket().toString(),
                    supervisor.identity().log().toString(),
                    supervisor.running() - 1,
                    supervisor.machines());
        }
    }

    /** {@code fcvm supervisor status}. */
    @Command(
            name = "status",
            header = "Show the supervisor that serves you here.",
            footer = {"", "Exit code: 0 when there is one, else 3."})
    static final class Status implements Callable<Integer> {

        private static final int NONE = 3; // as systemctl status

        private final CommandContext context;
        private final Optional<Supervisor> supervisor;

        @Option(names = "--json", description = "Print it as one JSON object.")
        boolean json;

        @Mixin
        CommonFlags common = new CommonFlags();

        Status(CommandContext context, Optional<Supervisor> supervisor) {
            this.context = context;
            this.supervisor = supervisor;
        }

        @Override
        public Integer call() {
            if (supervisor.isEmpty()) {
                context.complain("no supervisor is running");
                return NONE;
            }
            View view = View.of(supervisor.get());
            if (json) {
                context.printJson(Jsonb.instance().type(View.class).toJson(view));
                return 0;
            }
            context.print("process   " + view.process());
            context.print("data      " + view.data());
            context.print("socket    " + view.socket());
            context.print("log       " + view.log());
            context.print("commands  " + view.commands());
            context.print("machines  " + view.machines());
            return 0;
        }
    }

    /** {@code fcvm supervisor stop}. */
    @Command(
            name = "stop",
            header = "End the supervisor.",
            description =
                    "It takes no more commands at once, and is gone when those it runs have ended. The next command"
                            + " starts another.")
    static final class Stop implements Callable<Integer> {

        private final CommandContext context;
        private final Optional<Supervisor> supervisor;

        @Mixin
        CommonFlags common = new CommonFlags();

        Stop(CommandContext context, Optional<Supervisor> supervisor) {
            this.context = context;
            this.supervisor = supervisor;
        }

        @Override
        public Integer call() {
            if (supervisor.isEmpty()) {
                context.complain("no supervisor is running");
                return 0;
            }
            View view = View.of(supervisor.get());
            supervisor.get().end("it was told to stop");
            context.print(
                    view.commands() == 0
                            ? "The supervisor ends."
                            : "The supervisor takes no more commands, and ends when " + view.commands()
                                    + " that it runs have ended.");
            if (view.machines() > 0) {
                context.print("Machines that go on running: " + view.machines());
            }
            return 0;
        }
    }
}
