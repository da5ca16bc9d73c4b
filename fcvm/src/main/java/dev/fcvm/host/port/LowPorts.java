package dev.fcvm.host.port;

import dev.fcvm.host.process.ProcessHolders;
import java.nio.file.Path;

/**
 * Which ports of the host need a privilege.
 *
 * @param first the first that needs none
 * @param allowed whether this process has the privilege, CAP_NET_BIND_SERVICE
 */
public record LowPorts(int first, boolean allowed) {

    private static final int DEFAULT = 1024;
    private static final int CAP_NET_BIND_SERVICE = 10;

    /** Returns what holds for this process. */
    public static LowPorts ofProcess() {
        String first = ProcessHolders.text(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start"))
                .strip();
        boolean allowed = ProcessHolders.text(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16))
                .anyMatch(capabilities -> ((capabilities >> CAP_NET_BIND_SERVICE) & 1) == 1);
        return new LowPorts(first.matches("[0-9]{1,5}") ? Integer.parseInt(first) : DEFAULT, allowed);
    }

    /** Returns what holds for a process without privileges, whatever this one may. */
    public LowPorts withoutPrivilege() {
        return new LowPorts(first, false);
    }

    /** Returns whether this process may not have the port. */
    public boolean forbid(int port) {
        return port < first && !allowed;
    }
}
