package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.BootFiles;
import dev.fcvm.vmm.Monitor;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.UnixSockets;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.confine.Confinement;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.Jailer;
import dev.fcvm.vmm.confine.OwnJail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Firecracker. It needs a KVM that runs guests. The guest cannot switch it off, only reset it, and the plan does not
 * reach the guest by it: it goes over the link.
 *
 * @param program {@code firecracker}, an absolute path
 * @param confinement how it is confined
 */
public record FirecrackerVmm(Path program, Confinement confinement) implements Vmm {

    /** What of /dev it opens, if it may. */
    private static final List<String> DEVICES = List.of("kvm", "net/tun", "userfaultfd");
    /** It promises 5 MiB; the page cache of its disks counts, too, and is taken back when memory is short. */
    private static final int OVERHEAD_MIB = 128;

    private static final Duration START_PATIENCE = Duration.ofSeconds(10);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(20);
    /** The first a guest may have; it is the machine's own, so all machines have the same. */
    private static final int GUEST_CID = 3;
    /** For {@code _PORT} behind the name of the vsock's socket. */
    private static final int PORT_ROOM = 6;

    /** One with the standard confinement. */
    public FirecrackerVmm(Path program) {
        this(program, Confinement.standard());
    }

    @Override
    public void check(VmSpec.Isolation isolation) throws FcvmException {
        if (isolation == VmSpec.Isolation.PRIVILEGED) {
            confinement.jailerOf(program);
        }
    }

    @Override
    public String name() {
        return "firecracker";
    }

    @Override
    public RunningVm boot(VmSpec spec) throws FcvmException, InterruptedException {
        BootFiles.check(name(), spec);
        Path control = UnixSockets.checked(spec.socketDirectory().resolve("api.sock"), 0);
        Path vsock = UnixSockets.checked(spec.socketDirectory().resolve("vsock.sock"), PORT_ROOM);
        List<Path> sockets = List.of(control, vsock);
        deleteStale(sockets);
        Jail jail = jail(spec);
        Monitor monitor = Monitor.start(
                name(),
                spec,
                jail,
                arguments(spec, jail.inside().socketDirectory()),
                Monitor.Console.STANDARD_OUTPUT,
                sockets);
        boolean runs = false;
        try {
            FirecrackerApi api =
                    new FirecrackerApi(UnixSockets.connect(control, monitor::isAlive, START_PATIENCE), ANSWER_PATIENCE);
            Path vsockInside = jail.inside().socketDirectory().resolve(vsock.getFileName());
            for (ApiCall call : calls(jail.inside(), vsockInside)) {
                api.call(call);
            }
            RunningVm machine = new FirecrackerVm(monitor, api, new VsockDialer(vsock, monitor::isAlive));
            runs = true;
            return machine;
        } catch (ApiRefusal e) {
            throw new FcvmException(Kind.VMM, "the machine was not booted: " + e.getMessage(), e);
        } catch (IOException e) {
            throw monitor.bootFailure(e);
        } finally {
            if (!runs) {
                monitor.close();
            }
        }
    }

    private Jail jail(VmSpec spec) throws FcvmException, InterruptedException {
        return switch (spec.isolation()) {
            case PRIVILEGED -> Jailer.prepare(spec, program, confinement, OVERHEAD_MIB);
            case ROOTLESS -> OwnJail.prepare(spec, name(), program, DEVICES, confinement, OVERHEAD_MIB);
        };
    }

    private static List<String> arguments(VmSpec spec, Path sockets) {
        List<String> arguments = new ArrayList<>(
                List.of("--api-sock", sockets.resolve("api.sock").toString(), "--level", "Error"));
        if (spec.isolation() == VmSpec.Isolation.ROOTLESS) {
            arguments.addAll(List.of("--id", spec.id().value())); // the jailer gives it itself
        }
        return arguments;
    }

    /** Returns the calls that boot a machine, in order; visible to its test. */
    static List<ApiCall> calls(VmSpec spec, Path vsock) {
        List<ApiCall> calls = new ArrayList<>();
        calls.add(new ApiCall.MachineConfig(spec.vcpus(), spec.memoryMib()));
        calls.add(new ApiCall.BootSource(
                spec.kernel().toString(), spec.initramfs().toString(), String.join(" ", bootArguments(spec))));
        for (int index = 0; index < spec.drives().size(); index++) {
            VmSpec.Drive drive = spec.drives().get(index);
            calls.add(new ApiCall.Drive("disk" + index, drive.file().toString(), drive.readOnly(), false));
        }
        calls.add(new ApiCall.Vsock(GUEST_CID, vsock.toString()));
        calls.add(ApiCall.Action.START);
        return calls;
    }

    private static List<String> bootArguments(VmSpec spec) {
        // A reset by the keyboard controller is the one end Firecracker knows. It has no PS/2 devices to look for.
        List<String> arguments = new ArrayList<>(
                List.of("console=ttyS0", "reboot=k", "panic=-1", "i8042.noaux", "i8042.nomux", "i8042.dumbkbd"));
        arguments.addAll(spec.bootArguments());
        return arguments;
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
}
