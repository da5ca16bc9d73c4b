package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Fields;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.NetworkName;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.Map;

/**
 * A machine's address in a network that joins machines. The last one to be given back ends the network's switch.
 *
 * @param networks all of the user's
 * @param name the network
 * @param address the address
 * @param machine whose it is
 */
record PlaceInNetwork(NamedNetworks networks, NetworkName name, Inet4Address address, MachineId machine)
        implements Resource {

    private static final String KIND = "net.member";
    private static final String NETWORK = "network";
    private static final String ADDRESS = "address";
    private static final String MACHINE = "machine";

    /** Returns how they are read back from a machine's journal. */
    static ResourceKind kind(NamedNetworks networks) {
        return new ResourceKind(KIND, fields -> read(networks, fields));
    }

    private static PlaceInNetwork read(NamedNetworks networks, Fields fields) throws IOException {
        try {
            if (Addresses.parse(fields.text(ADDRESS)).orElse(null) instanceof Inet4Address address) {
                return new PlaceInNetwork(
                        networks, new NetworkName(fields.text(NETWORK)), address, new MachineId(fields.text(MACHINE)));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        throw new IOException("its \"%s\" is none: %s".formatted(ADDRESS, fields.text(ADDRESS)));
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Map<String, String> fields() {
        return Map.of(NETWORK, name.value(), ADDRESS, address.getHostAddress(), MACHINE, machine.value());
    }

    @Override
    public void release() throws FcvmException, InterruptedException {
        networks.leave(this);
    }

    /** It is a file in the data directory. */
    @Override
    public boolean outlivesRestart() {
        return true;
    }
}
