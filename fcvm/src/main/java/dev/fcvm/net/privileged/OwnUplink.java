package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.journal.Fields;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All that a privileged uplink has on the host: the claim on its addresses, the veth, and the elements of the host's table
 * that lead to the machine or let it pass. What leads to it is looked for in the table itself, so that no port can be
 * missed, whenever it was published.
 *
 * @param host where privileged uplinks meet
 * @param owner the machine's directory
 * @param network the machine's addresses
 * @param ipv6 its IPv6 addresses, if it has some
 */
record OwnUplink(HostNetwork host, Path owner, MachineNetwork network, Optional<MachineNetwork6> ipv6)
        implements Resource {

    private static final String KIND = "net.uplink";
    private static final String OWNER = "machine";
    private static final String NETWORK = "network";
    private static final String IPV6 = "ipv6";
    private static final Pattern NUMBER = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern ADDRESS6 = Pattern.compile("[0-9a-f:]{2,39}");

    /** Returns how they are read back from a machine's journal. */
    static ResourceKind kind(HostNetwork host) {
        return new ResourceKind(KIND, fields -> read(host, fields));
    }

    private static OwnUplink read(HostNetwork host, Fields fields) throws IOException {
        String number = fields.text(NETWORK);
        if (!NUMBER.matcher(number).matches()) {
            throw new IOException("its \"%s\" is none: %s".formatted(NETWORK, number));
        }
        Optional<MachineNetwork6> ipv6 = Optional.empty();
        if (fields.values().containsKey(IPV6)) {
            String address = fields.text(IPV6);
            if (!ADDRESS6.matcher(address).matches()
                    || !(InetAddress.ofLiteral(address) instanceof Inet6Address machine)) {
                throw new IOException("its \"%s\" is no address: %s".formatted(IPV6, address));
            }
            ipv6 = Optional.of(MachineNetwork6.of(machine));
        }
        return new OwnUplink(host, fields.path(OWNER), new MachineNetwork(Integer.parseUnsignedInt(number, 16)), ipv6);
    }

    MachineAddresses addresses() {
        return new MachineAddresses(network.machine(), ipv6.map(MachineNetwork6::machine));
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(OWNER, owner.toString());
        fields.put(NETWORK, "%08x".formatted(network.first()));
        ipv6.ifPresent(addresses -> fields.put(IPV6, addresses.machine().getHostAddress()));
        return fields;
    }

    @Override
    public void release() throws FcvmException, InterruptedException {
        NetworkClaims claims = new NetworkClaims(host.claims());
        // Without the lock: as long as the claim is the machine's, nobody else touches any of it.
        if (isOwn(claims)) {
            takeBack();
            claims.locked(() -> {
                if (claims.isOf(network, owner)) {
                    claims.release(network);
                }
                return this;
            });
        }
    }

    /** If it is somebody else's by now, whoever gave it to them has taken everything back. */
    private boolean isOwn(NetworkClaims claims) throws FcvmException {
        try {
            return claims.isOf(network, owner);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot see whose the addresses %s are in %s: %s".formatted(network, host.claims(), IoReason.of(e)),
                    e);
        }
    }

    private void takeBack() throws FcvmException, InterruptedException {
        boolean led;
        try {
            led = clear(new HostTable(host.template()), network, ipv6);
        } finally {
            new Veth(network, ipv6).remove();
        }
        if (led) {
            OpenConnections.forget(addresses());
        }
    }

    /**
     * Takes back what there is of a network in the host's table.
     *
     * @return whether a port led to the machine
     */
    static boolean clear(HostTable table, MachineNetwork network, Optional<MachineNetwork6> ipv6)
            throws FcvmException, InterruptedException {
        List<HostTable.Element> leading = table.leadingTo(network.machine());
        List<HostTable.Element> elements = new ArrayList<>(leading);
        elements.addAll(passing(network, ipv6));
        elements.add(HostTable.Element.calling(network));
        table.remove(elements);
        return !leading.isEmpty();
    }

    /** Returns the elements that let the machine's packets pass. */
    static List<HostTable.Element> passing(MachineNetwork network, Optional<MachineNetwork6> ipv6) {
        List<HostTable.Element> elements = new ArrayList<>(HostTable.Element.of(network));
        ipv6.ifPresent(addresses -> elements.addAll(HostTable.Element.of(network, addresses)));
        return elements;
    }
}
