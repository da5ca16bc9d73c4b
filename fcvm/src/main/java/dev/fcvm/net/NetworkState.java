package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import io.avaje.jsonb.Json;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A machine's network as it is now, as far as another process has to know it to go on with it, or to give the machine the
 * same one again when it is started anew.
 *
 * @param version 1
 * @param attached whether it has come to work; before that there is nothing to go on with
 * @param ports what is published, with the host's side settled, as {@code --publish} has it
 * @param address the machine's address on its uplink
 * @param member its address in the network that joins it with others, or an empty text
 * @param helpers the processes that serve it, by their programs' names
 */
@Json
public record NetworkState(
        int version,
        boolean attached,
        List<String> ports,
        String address,
        String member,
        Map<String, ProcessIdentity> helpers) {

    private static final int VERSION = 1;

    /** A damaged document lacks fields. */
    public NetworkState {
        ports = List.copyOf(Objects.requireNonNullElse(ports, List.of()));
        address = Objects.requireNonNullElse(address, "");
        member = Objects.requireNonNullElse(member, "");
        helpers = Map.copyOf(Objects.requireNonNullElse(helpers, Map.of()));
    }

    /** Returns that of a machine that has none yet. */
    static NetworkState none() {
        return new NetworkState(VERSION, false, List.of(), "", "", Map.of());
    }

    /** Returns one that was just prepared. */
    static NetworkState prepared(List<PublishedPort> ports, Inet4Address address, Optional<Inet4Address> member) {
        return new NetworkState(
                        VERSION,
                        false,
                        List.of(),
                        address.getHostAddress(),
                        member.map(Inet4Address::getHostAddress).orElse(""),
                        Map.of())
                .with(ports);
    }

    NetworkState with(List<PublishedPort> now) {
        return new NetworkState(
                version, attached, now.stream().map(PublishedPorts::written).toList(), address, member, helpers);
    }

    NetworkState with(String program, ProcessIdentity process) {
        Map<String, ProcessIdentity> more = new HashMap<>(helpers);
        more.put(program, process);
        return new NetworkState(version, attached, ports, address, member, more);
    }

    NetworkState working() {
        return new NetworkState(version, true, ports, address, member, helpers);
    }

    /** Returns what is published, with the host's side settled. */
    List<PublishedPort> published() throws FcvmException {
        return PublishedPorts.settled(ports);
    }

    Optional<Inet4Address> uplinkAddress() {
        return address(address);
    }

    Optional<Inet4Address> memberAddress() {
        return address(member);
    }

    private static Optional<Inet4Address> address(String text) {
        return Addresses.parse(text).filter(Inet4Address.class::isInstance).map(Inet4Address.class::cast);
    }

    Optional<ProcessIdentity> helper(String program) {
        return Optional.ofNullable(helpers.get(program));
    }

    boolean isKnown() {
        return version == VERSION;
    }
}
