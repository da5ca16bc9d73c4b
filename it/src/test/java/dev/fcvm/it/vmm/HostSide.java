package dev.fcvm.it.vmm;

import dev.fcvm.it.harness.Child;
import java.time.Duration;
import java.util.List;

/** The host's side of a guest's network, in a network namespace of the monitor's own. */
final class HostSide {

    /** The same for every tap, so that a restored guest finds its neighbour again. */
    private static final String MAC = "06:00:ac:1e:00:01";

    private HostSide() {}

    /** Returns the words to put before a monitor, so that it finds this tap, with the address 172.30.0.1. */
    static List<String> withTap(String tap) {
        return List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "--net",
                "--",
                "sh",
                "-ec",
                "ip tuntap add dev $0 mode tap; ip link set dev $0 address " + MAC
                        + " up; ip address add 172.30.0.1/30 dev $0; exec \"$@\"",
                tap);
    }

    /** Serves a port of the host's side, each connection with this command. */
    static Child serve(ApiProcess machine, int port, String command) {
        return Child.of(
                        "nsenter",
                        "--user",
                        "--net",
                        "--target",
                        Long.toString(machine.process().pid()),
                        "busybox",
                        "nc",
                        "-ll",
                        "-p",
                        Integer.toString(port),
                        "-e",
                        "/bin/sh",
                        "-c",
                        command)
                .deadline(Duration.ofMinutes(2))
                .start();
    }
}
