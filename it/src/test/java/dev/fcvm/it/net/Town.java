package dev.fcvm.it.net;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is a host here: namespaces of its own for networks and mounts, with a loopback and a wire to the outside, where
 * there are servers, a name server among them, and somebody who has the address of a cloud's metadata.
 */
final class Town implements AutoCloseable {

    /** The host's address on the wire. */
    static final String HOST = "203.0.113.1";

    static final String HOST6 = "2001:db8:113::1";

    /** The outside's. */
    static final String OUTSIDE = "203.0.113.2";

    static final String OUTSIDE6 = "2001:db8:113::2";

    /** Another address of the outside's, which {@code allowed.test} names. */
    static final String ALLOWED = "198.51.100.7";

    static final String METADATA = "169.254.169.254";

    /** The same by IPv6. */
    static final String METADATA6 = "fd00:ec2::254";

    /** Where the outside answers everybody. */
    static final int PORT = 7000;

    /** Where something listens on the host's loopback. */
    static final int LOOPBACK_PORT = 9000;

    private final Place place = Place.make();
    private final Namespace host;
    private final Namespace outside = new Namespace();

    Town() {
        place.file("resolv.conf", "nameserver " + OUTSIDE + "\nsearch town.test\n");
        // Claims of other machines on the real host are none of this one's.
        host = Namespace.withMounts("""
                mount --bind %s/resolv.conf /etc/resolv.conf
                mkdir -p /run/fcvm/networks
                mount -t tmpfs -o mode=0700 claims /run/fcvm/networks
                """.formatted(place.root()));
        boolean built = false;
        try {
            build();
            built = true;
        } finally {
            if (!built) {
                close();
            }
        }
    }

    private void build() {
        host.script("""
                ip link add wan type veth peer name wan netns %d
                ip link set lo up
                ip link set wan addrgenmode none up
                ip address add %s/24 dev wan
                ip address add %s/64 dev wan nodad
                nft 'table inet others { set s { type ipv4_addr; elements = { 192.0.2.7 }; }
                    chain forward { type filter hook forward priority filter; policy accept; ip saddr @s drop; }; }'
                """.formatted(outside.pid(), HOST, HOST6));
        outside.script("""
                ip link set lo up
                ip link set wan addrgenmode none up
                ip address add %s/24 dev wan
                ip address add %s/32 dev wan
                ip address add %s/32 dev lo
                ip address add %s/64 dev wan nodad
                ip address add %s/128 dev wan nodad
                ip route add 10.231.0.0/16 via %s
                ip route add fd5e:7a1c:93d2::/64 via %s
                """.formatted(OUTSIDE, METADATA, ALLOWED, OUTSIDE6, METADATA6, HOST, HOST6));
        host.script("ip route add default via %s; ip -6 route add default via %s".formatted(OUTSIDE, OUTSIDE6));
        outside.serve("outside", PORT);
        outside.serve("metadata", 80);
        host.serveOn("127.0.0.1", "host", LOOPBACK_PORT);
        outside.keep(
                "",
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--user=root",
                "--no-resolv",
                "--no-hosts",
                "--bind-interfaces",
                "--interface=wan",
                "--except-interface=lo",
                "--log-facility=-",
                "--address=/allowed.test/" + ALLOWED,
                "--address=/other.test/" + OUTSIDE,
                "--address=/short.town.test/" + OUTSIDE);
    }

    Namespace host() {
        return host;
    }

    Namespace outside() {
        return outside;
    }

    /** Returns the same command line, on this host. */
    Fcvm home(Fcvm fcvm) {
        return fcvm.within(List.of(
                "nsenter",
                "--target",
                Long.toString(host.pid()),
                "--net",
                "--mount",
                "--wd=" + fcvm.place().root(),
                "--"));
    }

    /** Returns the same command line in the network of the outside, with the host's files. */
    Fcvm abroad(Fcvm fcvm) {
        return fcvm.within(List.of("nsenter", "--target", Long.toString(outside.pid()), "--net", "--"));
    }

    /** Returns the same command line on this host, where these files are nothing that could be opened or run. */
    Fcvm without(Fcvm fcvm, String... files) {
        return home(hidden(fcvm, files));
    }

    private static Fcvm hidden(Fcvm fcvm, String... files) {
        StringBuilder script = new StringBuilder();
        for (String file : files) {
            script.append("mount --bind \"$0\" ").append(file).append("; ");
        }
        return fcvm.within(List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-ec",
                script + "exec \"$@\"",
                nothing(fcvm).toString()));
    }

    private static Path nothing(Fcvm fcvm) {
        Path file = fcvm.place().file("nothing", "");
        file.toFile().setReadable(false, false);
        file.toFile().setWritable(false, false);
        return file;
    }

    /** Everything there is in the host's network, but not what was counted. */
    String snapshot() {
        return host.run("nft", "--stateless", "list", "ruleset")
                + host.run("ip", "-details", "link").replaceAll("(?m)^.*(numtxqueues|qlen).*$", "")
                + host.run("ip", "address")
                + host.run("ip", "route", "show", "table", "all")
                + host.run("ip", "rule")
                + host.run("ip", "netns")
                + host.run(
                        "nsenter",
                        "--target",
                        Long.toString(host.pid()),
                        "--mount",
                        "--",
                        "sh",
                        "-c",
                        "cat /proc/self/mounts; ls /run/fcvm/networks | grep -v -e lock -e forward || true");
    }

    /** Returns a count of the host's table. */
    long counter(String name) {
        return Long.parseLong(
                host.run("nft", "list", "counter", "inet", "fcvm", name).replaceAll("(?s).*packets (\\d+) .*", "$1"));
    }

    /** Runs a command in the network namespace of the one machine there is. */
    static String inMachine(Fcvm fcvm, String... command) {
        return Child.of(command)
                .inside("nsenter", "--target", Long.toString(monitor(fcvm)), "--net", "--")
                .run()
                .expect(0)
                .out();
    }

    /** Returns the process of the monitor of the one machine there is. */
    static long monitor(Fcvm fcvm) {
        MachineId id = new MachineId(fcvm.machines().getFirst().getFileName().toString());
        return new MachineProcesses(id)
                .living().stream()
                        .mapToLong(ProcessHandle::pid)
                        .filter(Town::isMonitor)
                        .max()
                        .orElseThrow(() -> new AssertionError("no monitor of " + id));
    }

    private static boolean isMonitor(long pid) {
        try {
            String name = Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
            return name.equals("monitor") || name.equals("firecracker") || name.startsWith("qemu-system");
        } catch (IOException ended) {
            return false;
        }
    }

    @Override
    public void close() {
        host.close();
        outside.close();
        place.close();
    }
}
