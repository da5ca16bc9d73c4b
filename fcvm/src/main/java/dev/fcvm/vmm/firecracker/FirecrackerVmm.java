package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Pending;
import dev.fcvm.host.TunDevice;
import dev.fcvm.host.file.FileStamp;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.VmmCapabilities;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.Jailer;
import dev.fcvm.vmm.confine.OwnJail;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.ApiConnection;
import dev.fcvm.vmm.firecracker.api.ApiRefusal;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import dev.fcvm.vmm.process.BootFiles;
import dev.fcvm.vmm.process.UnixSockets;
import dev.fcvm.vmm.process.VmmProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Firecracker. It needs a KVM that runs guests. It does not end when its guest switches off, and is ended then. The
 * plan reaches the guest by its metadata service, which needs a tap; a user who may not open /dev/net/tun gets the
 * machine without, and the plan goes over the link; so does one too large for that service.
 *
 * @param program {@code firecracker}, an absolute path
 * @param patience how long it may take to obey, before anything is booted and for all of it
 * @param confinement how it is confined
 */
public record FirecrackerVmm(Path program, Patience patience, Confinement confinement) implements Vmm {

    /** What of /dev it opens, if it may. */
    private static final List<String> DEVICES = List.of("kvm", "userfaultfd");
    /** It promises 5 MiB; the page cache of its disks counts, too, and is taken back when memory is short. */
    private static final int OVERHEAD_MIB = 128;

    /** What fits into the metadata service beside its own quoting: Firecracker reads requests of 51,200 bytes. */
    private static final int METADATA_ROOM = 48 << 10;

    private static final Pattern VERSION = Pattern.compile("Firecracker v([0-9.]+)");
    private static final Path KVM = Path.of("/dev/kvm");
    private static final String CONTROL = "api.sock";
    /**
     * The vsock's socket. In a jail its path is the same for every machine, and means another socket in each: it is kept
     * in snapshots.
     */
    private static final String VSOCK = "vsock.sock";

    /**
     * How long Firecracker may take.
     *
     * @param start for its process to answer
     * @param boot for all the calls that boot a machine
     * @param restore for all the calls that restore one
     */
    public record Patience(Duration start, Duration boot, Duration restore) {
        /** What a busy host needs at most. */
        public static final Patience USUAL =
                new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(2));

        /** The same, but at least this long for each, as a user with a slow host wants. */
        Patience atLeast(Duration wanted) {
            return new Patience(longer(start, wanted), longer(boot, wanted), longer(restore, wanted));
        }
    }

    /** With the usual patience and the standard confinement. */
    public FirecrackerVmm(Path program) {
        this(program, Patience.USUAL);
    }

    /** With the standard confinement. */
    public FirecrackerVmm(Path program, Patience patience) {
        this(program, patience, Confinement.standard());
    }

    /** The same Firecracker, confined like this. */
    public FirecrackerVmm confinedBy(Confinement other) {
        return new FirecrackerVmm(program, patience, other);
    }

    /** The same Firecracker, which may take at least this long to answer and to boot. */
    public FirecrackerVmm givenAtLeast(Duration time) {
        return new FirecrackerVmm(program, patience.atLeast(time), confinement);
    }

    @Override
    public void check(VmSpec.Isolation isolation) throws FcvmException {
        // Before its jailer, which is looked for beside it.
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "firecracker cannot be started: %s is not an executable file; name another in FIRECRACKER_BIN, or run:"
                                    .formatted(program)
                            + " fcvm init");
        }
        if (isolation == VmSpec.Isolation.PRIVILEGED) {
            confinement.jailerOf(program);
        }
    }

    @Override
    public String name() {
        return "firecracker";
    }

    @Override
    public String identity() {
        return FileStamp.of(program) + (TunDevice.isOpenToUser() ? " with a tap" : " without a tap");
    }

    @Override
    public String version() throws FcvmException, InterruptedException {
        String told = Tool.named(program.toString(), "firecracker")
                .with("--version")
                .within(patience.start())
                .run()
                .output();
        Matcher number = VERSION.matcher(told);
        return number.find()
                ? FirecrackerVersion.parse(number.group(1))
                        .map(FirecrackerVm::versionOf)
                        .orElse("")
                : "";
    }

    @Override
    public VmmCapabilities capabilities() {
        return new VmmCapabilities(true, true, true, true, true, true);
    }

    @Override
    public FirecrackerVm attach(VmHandle handle, Journal journal) throws FcvmException, InterruptedException {
        VmmProcess monitor = VmmProcess.attach(handle, journal);
        try (Pending attached = new Pending(monitor::letGo)) {
            Optional<ApiConnection> api = Optional.empty();
            try {
                if (monitor.isAlive()) {
                    api = Optional.of(connect(monitor));
                }
            } catch (IOException e) {
                if (monitor.isAlive()) {
                    throw new FcvmException(
                            Kind.VMM, "firecracker runs and cannot be taken over: " + e.getMessage(), e);
                }
            }
            FirecrackerVm machine =
                    FirecrackerVm.of(monitor, api, monitor.sockets().resolve(VSOCK));
            attached.handOver();
            return machine;
        }
    }

    @Override
    public FirecrackerVm boot(VmSpec spec, Journal journal) throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        boolean tap = TunDevice.isOpenToUser() || spec.network().isPresent();
        boolean metadata = tap && !spec.plan().isEmpty() && fitsMetadata(spec.plan());
        FirecrackerVm machine = launch(
                spec,
                journal,
                List.of(),
                tap,
                metadata,
                jail -> BootCalls.of(jail.inside(), vsock(jail), tap, metadata),
                patience.boot(),
                "booted",
                "");
        if (spec.tracked()) {
            machine.isTracked();
        }
        return machine;
    }

    /**
     * Makes a machine of a snapshot in a new process. It is paused: {@link FirecrackerVm#resume} lets it go on. Its
     * disks are those of the specification, whose files have the sizes of the snapshot's; the snapshot's own are opened
     * first and must still be there. The link is a new one.
     *
     * @param spec the machine; its kernel, arguments, processors and memory are the snapshot's and not looked at
     * @param journal the machine's, as in {@link #boot}
     * @param load what to load, and which taps to use
     */
    public FirecrackerVm restore(VmSpec spec, Journal journal, SnapshotLoad load)
            throws FcvmException, InterruptedException {
        return restore(spec, journal, load, "");
    }

    private FirecrackerVm restore(VmSpec spec, Journal journal, SnapshotLoad load, String version)
            throws FcvmException, InterruptedException {
        List<Path> files =
                List.of(Path.of(load.snapshotPath()), Path.of(load.memBackend().backendPath()));
        return launch(
                spec,
                journal,
                files,
                TunDevice.isOpenToUser(),
                false,
                jail -> BootCalls.restoring(
                        jail.inside(),
                        load.from(
                                jail.handed().get(0).toString(),
                                jail.handed().get(1).toString())),
                patience.restore(),
                "restored from " + load.snapshotPath(),
                version);
    }

    @Override
    public FirecrackerVm restore(VmSpec spec, Journal journal, VmSnapshot snapshot)
            throws FcvmException, InterruptedException {
        SnapshotLoad load = SnapshotLoad.of(
                snapshot.state().toString(),
                MemoryBackend.ofFile(snapshot.memory().toString()));
        FirecrackerVm machine = restore(spec, journal, load, snapshot.version());
        machine.expectReset();
        return machine;
    }

    private static boolean fitsMetadata(String plan) {
        return plan.getBytes(StandardCharsets.UTF_8).length <= METADATA_ROOM;
    }

    private static String vsock(Jail jail) {
        return jail.inside().socketDirectory().resolve(VSOCK).toString();
    }

    private FirecrackerVm launch(
            VmSpec spec,
            Journal journal,
            List<Path> files,
            boolean tap,
            boolean metadata,
            Function<Jail, List<ApiCall>> calls,
            Duration atMost,
            String what,
            String version)
            throws FcvmException, InterruptedException {
        KvmRefusal.check(KVM);
        Jail jail = jail(spec, journal, tap, files);
        VmmProcess monitor = VmmProcess.start(
                name(), spec, jail, journal, arguments(spec, jail.inside().socketDirectory()), metadata);
        try (Pending started = new Pending(monitor::close)) {
            try {
                ApiConnection api = told(monitor, calls.apply(jail), new Budget(atMost), version);
                FirecrackerVm machine = FirecrackerVm.of(
                        monitor, Optional.of(api), monitor.sockets().resolve(VSOCK));
                started.handOver();
                return machine;
            } catch (ApiRefusal e) {
                throw new FcvmException(
                        Kind.VMM,
                        KvmRefusal.explain(e.fault())
                                .orElse("the machine was not %s: %s".formatted(what, e.getMessage())),
                        e);
            } catch (IOException e) {
                throw monitor.bootFailure(jail, e);
            }
        }
    }

    /**
     * Connects to a fresh process and makes the calls.
     *
     * @param version the one it must have; empty for any
     */
    private ApiConnection told(VmmProcess monitor, List<ApiCall> calls, Budget budget, String version)
            throws FcvmException, IOException, InterruptedException {
        ApiConnection api = connect(monitor);
        try (Pending connected = new Pending(api::close)) {
            String own = FirecrackerVm.versionOf(api.version());
            if (!version.isEmpty() && !version.equals(own)) {
                throw new FcvmException(
                        Kind.VMM,
                        "the machine was saved by %s, and this is %s, which may read it otherwise; save it anew"
                                .formatted(version, own));
            }
            for (ApiCall call : calls) {
                api.call(call, budget.of(longer(call.patience(), patience.start())));
            }
            connected.handOver();
            return api;
        }
    }

    private Jail jail(VmSpec spec, Journal journal, boolean tap, List<Path> files)
            throws FcvmException, InterruptedException {
        return switch (spec.isolation()) {
            case PRIVILEGED -> Jailer.prepare(spec, journal, program, confinement, OVERHEAD_MIB, tap, files);
            case ROOTLESS ->
                OwnJail.prepare(
                        spec, journal, name(), program, DEVICES, confinement, OVERHEAD_MIB, tap, files, List.of());
        };
    }

    private static List<String> arguments(VmSpec spec, Path sockets) {
        List<String> arguments =
                new ArrayList<>(List.of("--api-sock", sockets.resolve(CONTROL).toString(), "--level", "Error"));
        if (spec.isolation() == VmSpec.Isolation.ROOTLESS) {
            arguments.addAll(List.of("--id", spec.id().value())); // the jailer gives it itself
        }
        return arguments;
    }

    private ApiConnection connect(VmmProcess monitor) throws IOException, InterruptedException {
        Path control = monitor.sockets().resolve(CONTROL);
        try {
            return ApiConnection.open(
                    UnixSockets.connect(control, monitor::isAlive, patience.start()), patience.start());
        } catch (ApiRefusal e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("%s; is %s Firecracker?".formatted(e.getMessage(), program), e);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** A time for several calls. */
    private static final class Budget {
        private final Duration all;
        private final long end;

        Budget(Duration all) {
            this.all = all;
            this.end = System.nanoTime() + all.toNanos();
        }

        /**
         * Returns what a call may take of it.
         *
         * @throws IOException when the calls before have taken all of it
         */
        Duration of(Duration wanted) throws IOException {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (!left.isPositive()) {
                throw new IOException(
                        "firecracker took longer than %d s for what it was told; for a slow or busy host set FCVM_BOOT_TIMEOUT to more"
                                .formatted(all.toSeconds()));
            }
            return wanted.compareTo(left) < 0 ? wanted : left;
        }
    }
}
