package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.AttachedTerminal;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.PlainReport;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.cli.shared.SuspendOptions;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.Outcomes;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.Environment;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotStore;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.flags.MappingFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm clone}. */
@Command(
        name = "clone",
        header = "Make a machine that goes on from where another one was.",
        description = {
            "SOURCE is a machine that runs, or, with --snapshot, the machine that was saved; or a snapshot. The clone has"
                    + " its memory, its disk and its processes, and is a machine of its own: with its own name, ports,"
                    + " network, time and random numbers. Ports are published only when -p says so.",
            "What was in the memory is in each clone: tokens, session keys, secrets. See docs/snapshots.md."
        },
        customSynopsis = "fcvm clone [FLAG…] SOURCE|--pool POOL",
        footer = {"", "Example: fcvm clone web --name web2 --snapshot warm -p 8081:80 -d"})
public final class CloneCommand implements Callable<Integer> {

    private static final int MOST = 100;

    private final CommandContext context;
    private final OpenMachines open;

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the clone. Default: a made-up one.")
    @Nullable String name;

    @Option(
            names = "--snapshot",
            paramLabel = "SNAPSHOT",
            description = "Go on from this snapshot of SOURCE. Default: from SOURCE as it is now.")
    @Nullable String snapshot;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "Privileges of the machine: rootless, privileged or auto; it need not be the source's."
                    + " [FCVM_MODE]")
    @Nullable String mode;

    @Option(
            names = {"-p", "--publish"},
            paramLabel = "[IP:][HOST]:GUEST[/PROTOCOL]",
            description = "Make a port of the container reachable by one of the host, as with fcvm run.")
    List<String> publish = new ArrayList<>();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable for commands that fcvm exec runs in the clone; its processes have theirs.")
    List<String> env = new ArrayList<>();

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "HOST:GUEST[:WORDS]",
            description =
                    "Map a directory or file of this host into the clone, as fcvm map does, beside what its source"
                            + " was saved with.")
    List<String> volumes = new ArrayList<>();

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "NAME",
            description = "Host name. Default: the beginning of the machine's id.")
    @Nullable String hostname;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Label the machine, beside the labels of its source.")
    List<String> labels = new ArrayList<>();

    @Option(
            names = {"-d", "--detach"},
            description = "Print the machine's id when it goes on, and leave it to itself.")
    boolean detach;

    @Option(names = "--rm", description = "Remove the machine when it has ended.")
    boolean remove;

    @Option(
            names = "--count",
            paramLabel = "NUMBER",
            description = "Make so many, called NAME-1, NAME-2 and so on; with -d.")
    int count = 1;

    @Option(
            names = "--pool",
            paramLabel = "POOL",
            description = "Take a machine that waits in this pool, in place of SOURCE; where none is ready, make one of"
                    + " the pool's snapshot.")
    @Nullable String pool;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "A machine or a snapshot.")
    @Nullable String reference;

    @Mixin
    SuspendOptions suspending = new SuspendOptions();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public CloneCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (count < 1 || count > MOST) {
            throw new FcvmException(Kind.USAGE, "--count is " + count + "; it must be between 1 and " + MOST);
        }
        if (count > 1 && !detach) {
            throw new FcvmException(Kind.USAGE, "you can stay with one machine alone: give -d with --count");
        }
        if (pool == null ? reference == null : reference != null || snapshot != null) {
            throw new FcvmException(
                    Kind.USAGE,
                    "name what to clone: a machine, a snapshot, or with --pool a pool, and one of them only");
        }
        Settings settings = SettingsFlags.inMode(mode).settings(context);
        List<CloneRequest> requests = requests();
        var listener = new PlainReport(context);
        var source = new MachineSource(
                settings,
                open.monitors(),
                () -> {
                    throw new IllegalStateException("a clone has its image");
                },
                listener);
        Machines machines = open.of(settings);
        SnapshotStore store = SnapshotStore.open(settings.directories());
        if (pool != null) {
            return cloned(new Pooled(machines, pool, source), requests, listener);
        }
        var origin =
                new CloneSource(machines, store, settings, String.valueOf(reference), Optional.ofNullable(snapshot));
        try (origin) {
            return cloned(new Restored(machines, origin, source), requests, listener);
        }
    }

    /** What clones are made of. */
    private sealed interface Stock {

        /** Returns what is saved there. */
        Snapshot snapshot() throws FcvmException, InterruptedException;

        /** Makes one. */
        Machine clone(CloneRequest request) throws FcvmException, InterruptedException;
    }

    private record Restored(Machines machines, CloneSource origin, MachineSource source) implements Stock {

        @Override
        public Snapshot snapshot() throws FcvmException, InterruptedException {
            return origin.find();
        }

        @Override
        public Machine clone(CloneRequest request) throws FcvmException, InterruptedException {
            return machines.clone(request, origin.find(), source);
        }
    }

    private record Pooled(Machines machines, String pool, MachineSource source) implements Stock {

        @Override
        public Snapshot snapshot() throws FcvmException {
            return machines.pools().snapshot(pool);
        }

        @Override
        public Machine clone(CloneRequest request) throws FcvmException, InterruptedException {
            return machines.pools().clone(pool, request, source);
        }
    }

    private int cloned(Stock stock, List<CloneRequest> requests, RunListener listener)
            throws FcvmException, InterruptedException {
        return count > 1
                ? Interruptible.run(context, () -> many(stock, requests))
                : one(stock, requests.getFirst(), listener);
    }

    private List<CloneRequest> requests() throws FcvmException {
        List<Mapping.HostDirectory> mappings = mappings();
        List<CloneRequest> requests = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String number = count == 1 ? "" : "-" + i;
            requests.add(new CloneRequest(
                    Optional.ofNullable(name).filter(text -> !text.isEmpty()).map(text -> text + number),
                    Optional.ofNullable(hostname)
                            .filter(text -> !text.isEmpty())
                            .map(text -> text + number),
                    PublishedPorts.parse(publish),
                    Environment.of(List.of(), env, context.environment(), false),
                    labels,
                    mappings,
                    remove,
                    suspending.read(open)));
        }
        return requests;
    }

    private List<Mapping.HostDirectory> mappings() throws FcvmException {
        MappingFlags.Read read =
                new MappingFlags(Optional.of(MapMode.SSHFS.word()), context::path).read(List.of(), volumes, List.of());
        List<Mapping.HostDirectory> mappings = new ArrayList<>();
        for (Mapping mapping : read.mappings()) {
            if (mapping instanceof Mapping.HostDirectory directory) {
                mappings.add(directory);
            }
        }
        if (mappings.size() < volumes.size()) {
            throw new FcvmException(
                    Kind.USAGE, "-v gives a clone directories of this host, by their paths, and no volumes");
        }
        return mappings;
    }

    private int one(Stock stock, CloneRequest request, RunListener listener)
            throws FcvmException, InterruptedException {
        var run = new ForegroundRun(listener, context.signals(), !detach);
        if (detach) {
            return run.launch(
                    () -> stock.clone(request),
                    context.error(),
                    false,
                    machine -> context.print(machine.id().value()));
        }
        Optional<MachineSpec> spec = Machines.saved(stock.snapshot());
        boolean tty = spec.map(MachineSpec::tty).orElse(false);
        boolean input = spec.map(MachineSpec::interactive).orElse(false);
        try (AttachedTerminal terminal = AttachedTerminal.of(context, tty, DetachKeys.DEFAULT)) {
            return run.execute(() -> stock.clone(request), terminal.stdio(input, true, true), false);
        }
    }

    /** Starts all at once; when one fails, those that came up stay, and it is told which. */
    private int many(Stock stock, List<CloneRequest> requests) throws FcvmException, InterruptedException {
        List<Machine> started = new ArrayList<>();
        FcvmException failed = null;
        for (CloneRequest request : requests) {
            try {
                Machine machine = stock.clone(request);
                started.add(machine);
                CompletableFuture<RunEnd> _ = machine.start();
            } catch (FcvmException failure) {
                failed = failure;
                break;
            }
        }
        for (Machine machine : started) {
            try {
                if (!machine.awaitStart()) {
                    Outcomes.code(machine.ended().join());
                }
                context.print(machine.id().value());
            } catch (FcvmException failure) {
                failed = failed == null ? failure : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
        return 0;
    }
}
