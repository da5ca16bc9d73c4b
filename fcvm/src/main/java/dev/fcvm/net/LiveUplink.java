package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.privileged.HostNetwork;
import dev.fcvm.net.privileged.UplinkPorts;
import dev.fcvm.net.rootless.SlirpApi;
import dev.fcvm.net.rootless.SlirpUplink;
import dev.fcvm.net.uplink.Entrance;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The published ports of a machine that runs, changed by another process than the one that supervises it. Which kind of
 * uplink it has is told by what that has left for the purpose.
 */
public final class LiveUplink {

    private final Ways ways;
    private final Entrance entrance;

    private LiveUplink(Ways ways, Entrance entrance) {
        this.ways = ways;
        this.entrance = entrance;
    }

    /** How the host's side of ports is changed. */
    private interface Ways {
        /** Holds ports, those without an address on those that the machine has then. */
        PortReservation hold(List<PublishedPort> wanted) throws FcvmException;

        List<PublishedPort> list() throws IOException, FcvmException, InterruptedException;

        void open(PublishedPort port) throws IOException, FcvmException, InterruptedException;

        void close(PublishedPort port) throws IOException, FcvmException, InterruptedException;

        /** Is told of those that have been opened. */
        void opened(List<PublishedPort> ports);
    }

    /**
     * Finds it.
     *
     * @param directory the machine's
     * @param sockets the machine's
     * @param process a process in the machine's network namespace
     * @param warnings is told in one line what is not as it should be
     * @return nothing when the machine has no network
     */
    public static Optional<LiveUplink> of(
            MachineId machine, Path directory, Path sockets, long process, HostNetwork host, Consumer<String> warnings)
            throws FcvmException {
        Path slirp = SlirpUplink.socket(sockets);
        if (Files.exists(slirp)) {
            return Optional.of(
                    new LiveUplink(rootless(machine, new SlirpApi(slirp), warnings), new Entrance(process, true)));
        }
        return UplinkPorts.of(machine, directory, sockets, host)
                .map(ports -> new LiveUplink(privileged(ports), new Entrance(process, false)));
    }

    private static Ways rootless(MachineId machine, SlirpApi api, Consumer<String> warnings) {
        return new Ways() {
            @Override
            public PortReservation hold(List<PublishedPort> wanted) throws FcvmException {
                return PortReservation.hold(wanted, InetAddress.ofLiteral("127.0.0.1"));
            }

            @Override
            public List<PublishedPort> list() throws IOException {
                return api.list().stream().map(SlirpApi.Forwarding::port).toList();
            }

            @Override
            public void open(PublishedPort port) throws IOException {
                api.add(port, SlirpUplink.guestSide());
            }

            @Override
            public void close(PublishedPort port) throws IOException {
                api.remove(port);
            }

            @Override
            public void opened(List<PublishedPort> ports) {
                SlirpUplink.process(machine).ifPresent(slirp -> SlirpUplink.letManyCall(slirp, ports, warnings));
            }
        };
    }

    private static Ways privileged(UplinkPorts ports) {
        return new Ways() {
            @Override
            public PortReservation hold(List<PublishedPort> wanted) throws FcvmException {
                return ports.hold(wanted);
            }

            @Override
            public List<PublishedPort> list() throws FcvmException, InterruptedException {
                return ports.list();
            }

            @Override
            public void open(PublishedPort port) throws IOException, FcvmException, InterruptedException {
                ports.open(port);
            }

            @Override
            public void close(PublishedPort port) throws FcvmException, InterruptedException {
                ports.close(port);
            }

            @Override
            public void opened(List<PublishedPort> opened) {
                // A translated port has no queue of its own.
            }
        };
    }

    /** Returns what is published, with the host's side settled. */
    public List<PublishedPort> list() throws FcvmException, InterruptedException {
        try {
            return ways.list();
        } catch (IOException e) {
            throw failed("tell the machine's published ports", e);
        }
    }

    /**
     * Publishes all of these or none.
     *
     * @return the same in the same order, with the host's side settled; one without an address may be two, by IPv4 and
     *     by IPv6
     */
    public List<PublishedPort> publish(List<PublishedPort> wanted) throws FcvmException, InterruptedException {
        List<PublishedPort> settled;
        try (PortReservation free = ways.hold(wanted)) {
            settled = free.ports();
        }
        refuseTaken(settled);
        List<PublishedPort> open = new ArrayList<>();
        boolean done = false;
        try {
            var rules = new StringBuilder();
            for (PublishedPort port : PortReservation.inTurn(settled)) {
                open.add(port);
                ways.open(port);
                rules.append(NamespaceRules.publishing(port));
            }
            entrance.change(rules.toString());
            done = true;
            ways.opened(settled);
            return settled;
        } catch (IOException e) {
            throw failed("publish " + open.getLast(), e);
        } finally {
            if (!done) {
                takeBack(open);
            }
        }
    }

    /** What is told is why they could not be had; an uplink that does not answer then cannot take back either. */
    private void takeBack(List<PublishedPort> ports) throws InterruptedException {
        try {
            unpublish(ports);
        } catch (FcvmException neither) {
            return;
        }
    }

    /** Its own ports no bind refuses a machine whose uplink translates addresses. */
    private void refuseTaken(List<PublishedPort> wanted) throws FcvmException, InterruptedException {
        List<PublishedPort> taken = list();
        for (PublishedPort port : wanted) {
            if (taken.stream()
                    .anyMatch(other -> other.protocol() == port.protocol()
                            && other.hostSide().equals(port.hostSide()))) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "cannot publish %s: this machine has that port of the host already; take another, or :%d for one that is free"
                                .formatted(port, port.guestPort()));
            }
        }
    }

    /** Takes these back; connections that are open may go on. */
    public void unpublish(List<PublishedPort> ports) throws FcvmException, InterruptedException {
        try {
            for (PublishedPort port : ports) {
                ways.close(port);
            }
            List<PublishedPort> left = ways.list();
            for (PublishedPort port : ports) {
                boolean shared = left.stream()
                        .anyMatch(
                                other -> other.guestPort() == port.guestPort() && other.protocol() == port.protocol());
                if (!shared) {
                    // What is not there cannot be deleted, and to add what is there is no fault.
                    entrance.change(NamespaceRules.publishing(port) + NamespaceRules.unpublishing(port));
                }
            }
        } catch (IOException e) {
            throw failed("close the machine's ports", e);
        }
    }

    private static FcvmException failed(String what, IOException cause) {
        return new FcvmException(Kind.HOST, "cannot %s: %s".formatted(what, cause.getMessage()), cause);
    }
}
