package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.uplink.Uplink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** The pair of interfaces between the host and a machine's network namespace. */
final class Veth {

    private static final String PACKAGE = "iproute2";
    /** A namespace whose last process has ended takes its interfaces with it, a little later. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(1);

    private final MachineNetwork network;
    private final Optional<MachineNetwork6> ipv6;

    Veth(MachineNetwork network, Optional<MachineNetwork6> ipv6) {
        this.network = network;
        this.ipv6 = ipv6;
    }

    /**
     * Makes it, with addresses and the way out.
     *
     * @param process a process in the machine's network namespace
     */
    void make(MachineId machine, long process) throws FcvmException, InterruptedException {
        require("make the machine's link", batch(Tool.named("ip", PACKAGE), outside(machine, process)));
        allowLoopback();
        require(
                "set up the machine's end of its link",
                batch(
                        Tool.named("nsenter", "util-linux")
                                .with("--target", Long.toString(process), "--net", "--", "ip"),
                        inside()));
    }

    /**
     * The host's end, tagged with the machine's id. Without IPv6 addresses of their own neither end speaks any; with them
     * they need link-local ones as well, to ask who has an address. Answers from a published port to ::1 come in by this
     * interface: without a route that says so the kernel takes ::1 to be behind none but "lo". Visible to its test.
     */
    String outside(MachineId machine, long process) {
        String more = ipv6.map(addresses -> """
                address add %2$s/%3$d dev %1$s nodad
                address add %4$s/64 dev %1$s nodad
                route append local ::1 dev %1$s table local metric 1024
                """.formatted(
                                network.veth(),
                                Addresses.text(addresses.host()),
                                MachineNetwork6.PREFIX,
                                MachineNetwork6.LINK_HOST))
                .orElse("");
        return """
                link add %1$s type veth peer name %2$s netns %3$d
                address add %4$s/%5$d dev %1$s
                link set dev %1$s alias fcvm:%6$s addrgenmode none up
                """.formatted(
                                network.veth(),
                                Uplink.INTERFACE,
                                process,
                                network.host().getHostAddress(),
                                MachineNetwork.PREFIX,
                                machine.value())
                + more;
    }

    /** The machine's end; visible to its test. */
    String inside() {
        String more = ipv6.map(addresses -> """
                address add %2$s/%3$d dev %1$s nodad
                address add %4$s/64 dev %1$s nodad
                route add default via %5$s dev %1$s
                """.formatted(
                                Uplink.INTERFACE,
                                Addresses.text(addresses.machine()),
                                MachineNetwork6.PREFIX,
                                MachineNetwork6.LINK_MACHINE,
                                Addresses.text(addresses.host())))
                .orElse("");
        return """
                address add %2$s/%3$d dev %1$s
                link set dev %1$s addrgenmode none up
                route add default via %4$s dev %1$s
                """.formatted(
                                Uplink.INTERFACE,
                                network.machine().getHostAddress(),
                                MachineNetwork.PREFIX,
                                network.host().getHostAddress())
                + more;
    }

    /** Connections from 127.0.0.1 to a published port leave by this interface, which the kernel would not have. */
    private void allowLoopback() throws FcvmException {
        Path setting = Path.of("/proc/sys/net/ipv4/conf", network.veth(), "route_localnet");
        try {
            Files.writeString(setting, "1");
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot set %s to 1: %s".formatted(setting, e), e);
        }
    }

    /** Removes it, both ends, if it is there; on return it is gone. */
    void remove() throws FcvmException, InterruptedException {
        if (!NetworkClaims.isThere(network.veth())) {
            return;
        }
        Tool.Result result =
                Tool.named("ip", PACKAGE).with("link", "delete", network.veth()).run();
        // It may have gone by itself in this moment, with the machine's last process.
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (NetworkClaims.isThere(network.veth())) {
            if (System.nanoTime() > end) {
                require("remove the link %s".formatted(network.veth()), result);
                throw new FcvmException(
                        Kind.HOST, "the link %s does not go: ip link delete %1$s".formatted(network.veth()));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static Tool.Result batch(Tool ip, String commands) throws FcvmException, InterruptedException {
        return ip.with("-batch", "-")
                .reading(commands.getBytes(StandardCharsets.UTF_8))
                .run();
    }

    private static void require(String what, Tool.Result result) throws FcvmException {
        if (!result.succeeded()) {
            // The last line only says which line of the batch it was.
            String why = result.errors().lines().findFirst().orElse(result.lastWords());
            throw new FcvmException(
                    Kind.HOST,
                    "cannot %s (%s): use --mode rootless, or mend it and try again"
                            .formatted(what, why.replace("RTNETLINK answers: ", "")));
        }
    }
}
