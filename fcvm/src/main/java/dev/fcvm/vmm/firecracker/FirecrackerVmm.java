package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.BootFiles;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.UnixSockets;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.ApiConnection;
import dev.fcvm.vmm.firecracker.api.ApiRefusal;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Firecracker. It needs a KVM that runs guests. It does not end when its guest switches off, and is ended then; the plan
 * does not reach the guest by it: it goes over the link.
 *
 * @param program {@code firecracker}, an absolute path
 * @param patience how long it may take to obey, before anything is booted and for all of it
 */
public record FirecrackerVmm(Path program, Patience patience) implements Vmm {

    /**
     * The vsock's socket, as Firecracker knows it: relative to its working directory, the machine's own. That name is
     * kept in snapshots, so it must mean another socket in every machine.
     */
    private static final String VSOCK = "vsock.sock";
    /** For {@code _PORT} behind the name of the vsock's socket. */
    private static final int PORT_ROOM = 6;

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
    }

    /** With the usual patience. */
    public FirecrackerVmm(Path program) {
        this(program, Patience.USUAL);
    }

    @Override
    public String name() {
        return "firecracker";
    }

    @Override
    public FirecrackerVm boot(VmSpec spec) throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        return launch(spec, BootCalls.of(spec, VSOCK), patience.boot(), "booted");
    }

    /**
     * Makes a machine of a snapshot in a new process. It is paused: {@link FirecrackerVm#resume} lets it go on. Its
     * disks are those of the specification, whose files have the sizes of the snapshot's; the snapshot's own are opened
     * first and must still be there. The link is a new one.
     *
     * @param spec the machine; its kernel, arguments, processors and memory are the snapshot's and not looked at
     * @param load what to load, and which taps to use
     */
    public FirecrackerVm restore(VmSpec spec, SnapshotLoad load) throws FcvmException, InterruptedException {
        return launch(spec, BootCalls.restoring(spec, load), patience.restore(), "restored");
    }

    private FirecrackerVm launch(VmSpec spec, List<ApiCall> calls, Duration atMost, String what)
            throws FcvmException, InterruptedException {
        Path control = UnixSockets.checked(spec.socketDirectory().resolve("api.sock"), 0);
        Path vsock = UnixSockets.checked(spec.socketDirectory().resolve(VSOCK), PORT_ROOM);
        List<Path> sockets = List.of(control, vsock);
        deleteStale(sockets);
        Monitor monitor = Monitor.start(
                name(),
                spec,
                program,
                List.of("--api-sock", control.toString(), "--id", spec.id().value(), "--level", "Error"),
                Monitor.Console.STANDARD_OUTPUT,
                sockets);
        boolean runs = false;
        try {
            ApiConnection api = connect(control, monitor);
            Budget budget = new Budget(atMost);
            for (ApiCall call : calls) {
                api.call(call, budget.of(call.patience()));
            }
            FirecrackerVm machine = new FirecrackerVm(monitor, api, new VsockDialer(vsock, monitor::isAlive));
            runs = true;
            return machine;
        } catch (ApiRefusal e) {
            throw new FcvmException(
                    Kind.VMM,
                    KvmRefusal.explain(e.fault()).orElse("the machine was not %s: %s".formatted(what, e.getMessage())),
                    e);
        } catch (IOException e) {
            throw monitor.bootFailure(e);
        } finally {
            if (!runs) {
                monitor.close();
            }
        }
    }

    private ApiConnection connect(Path control, Monitor monitor) throws IOException, InterruptedException {
        try {
            return ApiConnection.open(
                    UnixSockets.connect(control, monitor::isAlive, patience.start()), patience.start());
        } catch (ApiRefusal e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("%s; is %s Firecracker?".formatted(e.getMessage(), program), e);
        }
    }

    private static void deleteStale(List<Path> sockets) throws FcvmException {
        for (Path socket : sockets) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                throw new FcvmException(Kind.HOST, "cannot delete the old socket %s: %s".formatted(socket, e), e);
            }
        }
    }

    /** A time for several calls. */
    private static final class Budget {
        private final long end;

        Budget(Duration all) {
            this.end = System.nanoTime() + all.toNanos();
        }

        /** Returns what a call may take of it. */
        Duration of(Duration wanted) {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            return wanted.compareTo(left) < 0 ? wanted : left;
        }
    }
}
