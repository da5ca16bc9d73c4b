package dev.fcvm.vmm.qemu;

import java.nio.file.Path;

/**
 * The files of one machine under QEMU.
 *
 * @param link the socket of the serial port to the agent
 * @param control the socket QMP is spoken over
 * @param plan what the guest reads as {@code opt/dev.fcvm/plan}
 */
record QemuPaths(Path link, Path control, Path plan) {

    /**
     * Names them.
     *
     * @param sockets the directory of the sockets
     */
    static QemuPaths in(Path sockets, Path plan) {
        return new QemuPaths(sockets.resolve("link.sock"), sockets.resolve("qmp.sock"), plan);
    }
}
