package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code --publish}, in the forms Podman takes: {@code [[IP:][HOST]:]GUEST[/tcp|udp]}, where either side may be a
 * range, and several are separated by commas.
 */
public final class PublishedPorts {

    /** More ports than this a machine cannot have published, ranges counted out. */
    public static final int MOST = 1000;

    private static final String FLAG = "--publish";
    private static final String FORM = "it must be [IP:][HOST]:GUEST[/tcp|udp], such as 8080:80, 127.0.0.1:8080:80/udp,"
            + " [::1]:8080:80, :80 for a free port of the host, or 8000-8010:80-90";
    private static final int MOST_PORT = 65_535;

    private static final String RANGE = "[0-9]{1,9}(?:-[0-9]{1,9})?";
    private static final Pattern ONE =
            Pattern.compile("(?:(?:(?<address>\\[[^\\[\\]]*]|[^\\[\\]:]*):)?(?<host>[^\\[\\]:/]*):)?"
                    + "(?<guest>[^\\[\\]:/]*)(?:/(?<protocol>.*))?");
    private static final Pattern PORTS = Pattern.compile(RANGE);

    private PublishedPorts() {}

    /**
     * Reads all of them.
     *
     * @param values what {@code --publish} was given, once for each time it was
     * @return one for each port, in order, none of which is in another's way whatever the uplink's default address is
     */
    public static List<PublishedPort> parse(List<String> values) throws FcvmException {
        var ports = new ArrayList<PublishedPort>();
        for (String value : values) {
            for (String one : value.split(",", -1)) {
                add(ports, one, value);
            }
        }
        refuseConflicts(ports);
        return List.copyOf(ports);
    }

    /**
     * Reads ports that were written down one by one, each as the flag has it. There may be more than a user can ask for,
     * since one that is asked for may have become two.
     *
     * @throws FcvmException when one of them is none
     */
    public static List<PublishedPort> settled(List<String> written) throws FcvmException {
        var ports = new ArrayList<PublishedPort>();
        for (String one : written) {
            var read = new ArrayList<PublishedPort>();
            add(read, one, one);
            ports.addAll(read);
        }
        return List.copyOf(ports);
    }

    private static void add(List<PublishedPort> ports, String one, String value) throws FcvmException {
        Matcher parts = ONE.matcher(one);
        if (!parts.matches()) {
            throw Quoted.refusal(FLAG, value, FORM);
        }
        Optional<InetAddress> address = address(parts.group("address"), value);
        Protocol protocol = protocol(parts.group("protocol"), value);
        Range guest = range("the guest's port", parts.group("guest"), value);
        String hostText = parts.group("host");
        Optional<Range> host = hostText == null || hostText.isEmpty()
                ? Optional.empty()
                : Optional.of(range("the host's port", hostText, value));
        if (host.isPresent() && host.get().size() != guest.size()) {
            throw Quoted.refusal(
                    FLAG,
                    value,
                    "the ranges have different lengths, %d and %d"
                            .formatted(host.get().size(), guest.size()));
        }
        if (ports.size() + guest.size() > MOST) {
            throw Quoted.refusal(FLAG, value, "a machine can publish at most " + MOST + " ports");
        }
        for (int i = 0; i < guest.size(); i++) {
            int hostPort = host.isPresent() ? host.get().first() + i : 0;
            ports.add(new PublishedPort(address, hostPort, guest.first() + i, protocol));
        }
    }

    /** A range of ports, both ends included. */
    private record Range(int first, int last) {
        int size() {
            return last - first + 1;
        }
    }

    private static Range range(String side, String text, String value) throws FcvmException {
        if (!PORTS.matcher(text).matches()) {
            throw Quoted.refusal(FLAG, value, FORM);
        }
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(text.substring(dash + 1));
        if (first < 1 || last < 1 || first > MOST_PORT || last > MOST_PORT) {
            throw Quoted.refusal(FLAG, value, side + " must be between 1 and " + MOST_PORT);
        }
        if (dash >= 0 && last < first) {
            throw Quoted.refusal(FLAG, value, "the range " + text + " ends before it begins");
        }
        return new Range(first, last);
    }

    private static Optional<InetAddress> address(String text, String value) throws FcvmException {
        if (text == null) {
            return Optional.empty();
        }
        boolean brackets = text.startsWith("[");
        Optional<InetAddress> address = Addresses.parse(brackets ? text.substring(1, text.length() - 1) : text);
        if (address.isEmpty()) {
            throw Quoted.refusal(
                    FLAG,
                    value,
                    Quoted.text(text) + " is no IP address; an IPv6 one is in brackets, such as [::1]:8080:80");
        }
        if (brackets != address.get() instanceof Inet6Address) {
            throw Quoted.refusal(FLAG, value, "brackets are for IPv6 addresses");
        }
        if (address.get().isMulticastAddress()) {
            throw Quoted.refusal(
                    FLAG, value, Quoted.text(text) + " is a multicast address, which no port is reached by");
        }
        return address;
    }

    private static Protocol protocol(String text, String value) throws FcvmException {
        if (text == null) {
            return Protocol.TCP;
        }
        for (Protocol protocol : Protocol.values()) {
            if (protocol.word().equals(text.toLowerCase(Locale.ROOT))) {
                return protocol;
            }
        }
        throw Quoted.refusal(FLAG, value, "the protocol must be tcp or udp");
    }

    private record HostSide(Protocol protocol, int port) {}

    /** Refuses two that want the same port of the host, or ask for the same thing twice. */
    private static void refuseConflicts(List<PublishedPort> ports) throws FcvmException {
        Map<HostSide, List<PublishedPort>> taken = new HashMap<>();
        for (PublishedPort port : ports) {
            List<PublishedPort> others =
                    taken.computeIfAbsent(new HostSide(port.protocol(), port.hostPort()), _ -> new ArrayList<>());
            for (PublishedPort other : others) {
                if (inTheWay(port, other)) {
                    throw new FcvmException(
                            FcvmException.Kind.USAGE,
                            port.equals(other)
                                    ? "--publish has " + written(port) + " twice"
                                    : "--publish has both " + written(other) + " and " + written(port)
                                            + ", which want the same port of the host");
                }
            }
            others.add(port);
        }
    }

    /**
     * Refuses more ports than a machine may have, or such as it has already.
     *
     * @param taken what it has
     */
    public static void refuseTaken(List<PublishedPort> taken, List<PublishedPort> wanted) throws FcvmException {
        if (taken.size() + wanted.size() > 2 * MOST) {
            throw new FcvmException(FcvmException.Kind.USAGE, "a machine can publish at most " + MOST + " ports");
        }
        for (PublishedPort port : wanted) {
            if (port.hostPort() != 0 && taken.stream().anyMatch(other -> inTheWay(port, other))) {
                throw new FcvmException(
                        FcvmException.Kind.IN_USE,
                        "cannot publish %s: this machine has that port of the host already; take another, or :%d for one that is free"
                                .formatted(port, port.guestPort()));
            }
        }
    }

    /**
     * Returns whether two cannot both be had, where that is certain: one without an address may mean 127.0.0.1 or all
     * addresses, and is in the way of another address only when it is settled.
     */
    public static boolean inTheWay(PublishedPort one, PublishedPort other) {
        if (one.protocol() != other.protocol() || one.hostPort() != other.hostPort()) {
            return false;
        }
        if (one.hostPort() == 0) {
            return one.equals(other); // each gets its own
        }
        if (one.address().equals(other.address())) {
            return true;
        }
        InetAddress first = one.address().orElse(LOOPBACK);
        InetAddress second = other.address().orElse(LOOPBACK);
        return first.equals(second) || covers(first, second) || covers(second, first);
    }

    /** What an unsettled address certainly includes. */
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /** Returns whether an address is all addresses of the other's family. */
    private static boolean covers(InetAddress all, InetAddress one) {
        return all.isAnyLocalAddress() && all.getClass() == one.getClass();
    }

    /** Returns a port as the flag has it. */
    public static String written(PublishedPort port) {
        String address =
                port.address().map(ip -> Addresses.beforePort(ip) + ":").orElse("");
        String host = port.hostPort() == 0 ? "" : Integer.toString(port.hostPort());
        return address + host + ":" + port.guestPort() + "/" + port.protocol().word();
    }
}
