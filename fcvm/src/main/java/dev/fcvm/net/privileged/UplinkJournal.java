package dev.fcvm.net.privileged;

import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a privileged uplink does to the host, written down in the machine's directory before it is done: whoever finds
 * the directory can take it back.
 */
final class UplinkJournal {

    private static final Pattern NETWORK = Pattern.compile("network ([0-9a-f]{8})");
    private static final Pattern NETWORK6 = Pattern.compile("ipv6 ([0-9a-f:]{2,39})");
    private static final Pattern PORT = Pattern.compile("port (tcp|udp) ([0-9a-f:.]+) ([0-9]{1,5}) ([0-9]{1,5})");

    private final Path file;

    private UplinkJournal(Path file) {
        this.file = file;
    }

    /**
     * Names it; does nothing.
     *
     * @param directory the machine's
     */
    static UplinkJournal in(Path directory) {
        return new UplinkJournal(directory.resolve("uplink"));
    }

    /**
     * What it says.
     *
     * @param network the machine's addresses
     * @param network6 its IPv6 addresses, if it has some
     * @param ports the ports that may be open
     */
    record Content(Optional<MachineNetwork> network, Optional<MachineNetwork6> network6, List<PublishedPort> ports) {

        /** Returns the machine's addresses, where there are some. */
        Optional<MachineAddresses> addresses() {
            return network.map(v4 -> new MachineAddresses(v4.machine(), network6.map(MachineNetwork6::machine)));
        }
    }

    void network(MachineNetwork network) throws IOException {
        note("network %08x".formatted(network.first()));
    }

    void network(MachineNetwork6 network) throws IOException {
        note("ipv6 " + Addresses.text(network.machine()));
    }

    /** Writes down that a port, settled, will be open. */
    void port(PublishedPort port) throws IOException {
        note("port %s %s %d %d"
                .formatted(
                        port.protocol().word(),
                        port.address().orElseThrow().getHostAddress(),
                        port.hostPort(),
                        port.guestPort()));
    }

    boolean exists() {
        return Files.exists(file);
    }

    private void note(String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Reads it; a line that was not finished was not acted on. */
    Content read() throws IOException {
        Optional<MachineNetwork> network = Optional.empty();
        Optional<MachineNetwork6> network6 = Optional.empty();
        List<PublishedPort> ports = new ArrayList<>();
        String text = Files.exists(file) ? Files.readString(file) : "";
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            Matcher first = NETWORK.matcher(line);
            Matcher ipv6 = NETWORK6.matcher(line);
            Matcher port = PORT.matcher(line);
            if (first.matches()) {
                network = Optional.of(new MachineNetwork(Integer.parseUnsignedInt(first.group(1), 16)));
            } else if (ipv6.matches()) {
                network6 = Optional.of(MachineNetwork6.of((Inet6Address) InetAddress.ofLiteral(ipv6.group(1))));
            } else if (port.matches()) {
                ports.add(new PublishedPort(
                        Optional.of(InetAddress.ofLiteral(port.group(2))),
                        Integer.parseInt(port.group(3)),
                        Integer.parseInt(port.group(4)),
                        port.group(1).equals(Protocol.TCP.word()) ? Protocol.TCP : Protocol.UDP));
            } else {
                throw new IOException("%s has a line that is none of ours: %s".formatted(file, line));
            }
        }
        return new Content(network, network6, ports);
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
