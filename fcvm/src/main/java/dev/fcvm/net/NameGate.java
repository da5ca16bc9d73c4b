package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.Helper;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.net.uplink.Inside;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The name server of a machine that may reach some names only, or that others find by name: dnsmasq, in the machine's
 * namespace.
 *
 * <p>Where only some names are allowed it asks the machine's name servers for those and nobody for any other, and puts
 * each address it answers into the rules' sets, so that what may be reached is what the machine was told. Else it asks
 * them for all but those of the machines it is joined with. See dnsmasq(8), {@code --nftset} and {@code --hostsdir}.
 */
final class NameGate {

    private static final Tool DNSMASQ = Tool.named("dnsmasq", "dnsmasq-base");

    /** What it says once it listens, in the C locale. */
    private static final String READY = ": started, version";

    /** In its root: where the names of the machines it is joined with are. */
    private static final String MEMBERS = "members";

    /** How its last line ends when it does not; the one before says why. */
    private static final String FAILED = "FAILED to start up";

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    private NameGate() {}

    /** Returns whether a machine with this policy has one for that alone: whatever may be asked is a way out. */
    static boolean isNeededBy(Egress egress) {
        return !egress.open();
    }

    /** Returns whether a machine with this network has one. */
    static boolean isNeededBy(NetworkRequest request) {
        return isNeededBy(request.egress()) || request.joins().isPresent();
    }

    /** Checks, before anything is made, that there can be one. */
    static void check(NetworkRequest request) throws FcvmException {
        if (isNeededBy(request)) {
            DNSMASQ.require();
        }
    }

    /** Returns whether anybody but the machine's own server is ever asked by a machine with this policy. */
    static boolean asks(Egress egress) {
        return egress.open() || hasNames(egress);
    }

    private static boolean hasNames(Egress egress) {
        return egress.allowed().stream().anyMatch(Egress.AllowedName.class::isInstance);
    }

    /**
     * Starts it and waits until it listens. It ends with the machine's processes.
     *
     * @param place in the machine's namespaces
     * @param members where the names of the machines it is joined with are, as hosts(5) files; followed as they change
     * @param log what it says
     * @throws FcvmException when no server can be asked, or it does not get ready
     */
    static Process start(
            MachineId machine,
            HelperPlace place,
            Egress egress,
            List<InetAddress> resolvers,
            Optional<Path> members,
            HelperLog log)
            throws FcvmException, InterruptedException {
        Optional<String> upstream = resolvers.stream()
                .filter(Inet4Address.class::isInstance)
                .map(InetAddress::getHostAddress)
                .findFirst();
        if (upstream.isEmpty() && !egress.open() && hasNames(egress)) {
            throw new FcvmException(Kind.HOST, "no name server is known for --allow with a name: name one with --dns");
        }
        Helper helper = Helper.of(DNSMASQ)
                .with(arguments(egress, upstream, members.map(_ -> Path.of("/", MEMBERS))))
                .keeping("net_bind_service");
        if (hasNames(egress)) {
            helper = helper.keeping("net_admin"); // for the rules' sets
        }
        if (members.isPresent()) {
            helper = helper.handing(members.get(), MEMBERS, true);
        }
        Process started = helper.start(new MachineProcesses(machine).tag(), place, log.redirect());
        boolean ready = false;
        try {
            awaitReady(started, log);
            ready = true;
            return started;
        } finally {
            if (!ready) {
                started.destroyForcibly();
            }
        }
    }

    /** Looks at short intervals. */
    private static void awaitReady(Process started, HelperLog log) throws FcvmException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!log.contains(READY)) {
            boolean ended = !started.isAlive();
            // Only what it has not said when it has ended is not to come any more.
            if (ended && !log.contains(READY)) {
                throw failed(Helper.explained(log.lineBefore(FAILED)));
            }
            if (System.nanoTime() > end) {
                throw failed("not ready within " + PATIENCE.toSeconds() + " s");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while the machine's name server was being started");
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    private static FcvmException failed(String why) {
        return new FcvmException(Kind.HOST, "cannot start the machine's own name server: dnsmasq: " + why);
    }

    /** Returns dnsmasq's arguments. Names have been checked: nothing in them has a meaning to dnsmasq. */
    static List<String> arguments(Egress egress, Optional<String> upstream, Optional<Path> members) {
        List<String> arguments = new ArrayList<>(List.of(
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--pid-file=",
                // It is who it is to be, and cannot become anybody else.
                "--user=",
                "--group=",
                "--no-resolv",
                "--no-hosts",
                "--no-poll",
                "--bind-interfaces",
                "--interface=" + Inside.TAP,
                "--except-interface=lo",
                // Every answer comes from the servers, and goes through the sets.
                "--cache-size=0",
                "--log-facility=-"));
        if (!egress.open() && members.isEmpty()) {
            arguments.add("--local=/#/"); // what is not allowed has no address
        }
        members.ifPresent(directory -> arguments.addAll(joined(directory, upstream.filter(_ -> !isNeededBy(egress)))));
        for (int index = 0; index < egress.allowed().size(); index++) {
            if (egress.allowed().get(index) instanceof Egress.AllowedName(String name, var _)) {
                arguments.add("--server=/%s/%s".formatted(name, upstream.orElseThrow()));
                arguments.add("--nftset=/%s/4#%s#%s,6#%s#%s"
                        .formatted(name, table(), NamespaceRules.set4(index), table(), NamespaceRules.set6(index)));
            }
        }
        return arguments;
    }

    /**
     * Nobody else is asked what is to be known of a machine: a server that is away must not keep its address, which is
     * there, until it has said that there is no IPv6 address.
     *
     * @param upstream who is asked for names with dots that no machine has; nobody, when only some names are allowed
     */
    private static List<String> joined(Path members, Optional<String> upstream) {
        List<String> arguments = new ArrayList<>(List.of("--hostsdir=" + members));
        upstream.ifPresentOrElse(
                server -> arguments.addAll(List.of("--server=" + server, "--local=//")),
                () -> arguments.add("--local=/#/"));
        return arguments;
    }

    private static String table() {
        return NamespaceRules.TABLE.replace(' ', '#');
    }
}
