package dev.fcvm.cli;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.host.process.ProcessExit;
import dev.fcvm.host.process.SignalSource;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.supervisor.Commands;
import dev.fcvm.supervisor.SingleCommand;
import dev.fcvm.supervisor.Supervisor;
import dev.fcvm.supervisor.SupervisorIdentity;
import dev.fcvm.supervisor.SupervisorLog;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where the supervisor begins: the launcher starts it, with the socket as its standard input; or, with a connection there
 * in place of the socket, a process for one command.
 */
public final class SupervisorMain {

    private static final String PROPERTIES = "fcvm.supervisor.";

    private SupervisorMain() {}

    /** Serves until there is nothing left to do. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (System.inheritedChannel()) {
            case ServerSocketChannel listener -> serve(listener, identity(), Vmms::choose);
            case SocketChannel launcher -> {
                var log = new SupervisorLog(standardError(), Path.of("/nonexistent"), Clock.systemUTC());
                SingleCommand.serve(launcher, new Programs(Optional.empty(), Optional.empty()), log);
            }
            case null, default ->
                throw new IOException("fcvm's launcher starts this, with a socket as its standard input");
        }
        // Threads may be blocked in the kernel, for which an orderly exit would wait.
        ProcessExit.now(0);
    }

    private static SupervisorIdentity identity() {
        return new SupervisorIdentity(
                Path.of(property("socket")), Path.of(property("data")), property("namespaces"), property("digest"));
    }

    private static String property(String name) {
        return System.getProperty(PROPERTIES + name, "");
    }

    /** The same for whom this serves, with machines on these monitors. */
    static void serve(ServerSocketChannel listener, SupervisorIdentity identity, VmmSource monitors)
            throws IOException, InterruptedException {
        var log = new SupervisorLog(standardError(), identity.log(), Clock.systemUTC());
        var itself = new CompletableFuture<Supervisor>();
        var machines = OpenMachines.shared(monitors, Clock.systemUTC(), log::note);
        var hooks = new HeldMachines(machines, () -> settings(System.getenv(), Path.of("/")), log::note);
        var programs = new Programs(Optional.of(itself), Optional.of(machines));
        var supervisor = new Supervisor(identity, idle(), programs, hooks, log);
        itself.complete(supervisor);
        Thread.ofPlatform().name("own-signals").daemon().start(() -> heedSignals(supervisor));
        supervisor.serve(listener);
    }

    /**
     * Standard error as the kernel takes it, since a print stream does not tell of a full disk; and by a descriptor of its
     * own, since Java points the standard ones to /dev/null when an inherited socket is closed. A socket, as a service manager may give,
     * cannot be opened anew.
     */
    private static OutputStream standardError() {
        try {
            return new FileOutputStream("/proc/self/fd/2", true);
        } catch (FileNotFoundException notAFile) {
            return new FileOutputStream(FileDescriptor.err);
        }
    }

    private static Duration idle() {
        try {
            return settings(System.getenv(), Path.of("/")).supervisorIdle();
        } catch (FcvmException wrong) {
            return Settings.STANDARD_IDLE; // each command says what is wrong
        }
    }

    private static Settings settings(Map<String, String> environment, Path directory) throws FcvmException {
        return SettingsReader.read(Map.of(), environment, directory);
    }

    /** Those that end a process end this one in order. */
    private static void heedSignals(Supervisor supervisor) {
        try {
            // They wait. To ask for them takes as long as a short command does.
            supervisor.awaitFirst();
            if (SignalSource.isAvailable()) {
                SignalSource.open(signal -> {
                    if (signal != LinuxSignal.USR1 && signal != LinuxSignal.USR2) {
                        supervisor.hurry("it was sent SIG" + signal);
                    }
                });
            }
        } catch (FcvmException unavailable) {
            supervisor.tell(String.valueOf(unavailable.getMessage()));
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command line's commands. */
    private record Programs(Optional<CompletableFuture<Supervisor>> supervisor, Optional<OpenMachines> machines)
            implements Commands {

        @Override
        public int run(CommandContext context, List<String> arguments) {
            String[] words = arguments.toArray(String[]::new);
            return machines.isPresent()
                    ? new Program(context, supervisor.map(CompletableFuture::join), machines.get()).run(words)
                    : new Program(context).run(words);
        }

        @Override
        public boolean needsOwnProcess(CommandContext context, List<String> arguments) {
            // Its script may ask for a password on the terminal.
            boolean asks = CommandWords.first(arguments.toArray(String[]::new))
                    .filter("init"::equals)
                    .isPresent();
            return asks || !mayRunHere(context);
        }

        private static boolean mayRunHere(CommandContext context) {
            try {
                return settings(context.environment(), context.directory()).supervisor();
            } catch (FcvmException wrong) {
                return true; // the command says so
            }
        }

        @Override
        public Optional<Path> dataDirectory(CommandContext context) {
            try {
                return Optional.of(settings(context.environment(), context.directory())
                        .directories()
                        .data());
            } catch (FcvmException wrong) {
                return Optional.empty();
            }
        }
    }
}
