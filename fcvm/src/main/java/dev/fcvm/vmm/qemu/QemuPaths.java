package dev.fcvm.vmm.qemu;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.UnixSockets;
import dev.fcvm.vmm.VmSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one machine under QEMU.
 *
 * @param link the socket of the serial port to the agent
 * @param control the socket QMP is spoken over
 * @param console the socket of the serial console
 * @param plan what the guest reads as {@code opt/dev.fcvm/plan}
 */
record QemuPaths(Path link, Path control, Path console, Path plan) {

    static QemuPaths of(VmSpec spec) throws FcvmException {
        Path sockets = spec.socketDirectory();
        return new QemuPaths(
                UnixSockets.checked(sockets.resolve("link.sock"), 0),
                UnixSockets.checked(sockets.resolve("qmp.sock"), 0),
                UnixSockets.checked(sockets.resolve("console.sock"), 0),
                sockets.resolve("plan.json"));
    }

    List<Path> all() {
        return List.of(link, control, console, plan);
    }
}
