package dev.fcvm.vmm.qemu;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of one machine under QEMU.
 *
 * @param sockets the directory of the sockets
 * @param link the socket of the serial port to the agent
 * @param control the socket QMP is spoken over
 * @param plan what the guest reads as {@code opt/dev.fcvm/plan}, if it is to find it there
 */
record QemuPaths(Path sockets, Path link, Path control, Optional<Path> plan) {

    /**
     * Names them.
     *
     * @param sockets the directory of the sockets
     */
    static QemuPaths in(Path sockets, Optional<Path> plan) {
        return new QemuPaths(sockets, sockets.resolve("link.sock"), sockets.resolve("qmp.sock"), plan);
    }

    /** Returns the socket on which the host waits for what QEMU saves of a machine. */
    Path saved() {
        return sockets.resolve("saved.sock");
    }

    /** Returns the socket on which QEMU waits for what was saved of another. */
    Path incoming() {
        return sockets.resolve("incoming.sock");
    }
}
