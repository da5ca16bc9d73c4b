package dev.fcvm.net.named;

import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.NetworkName;
import java.time.Instant;

/**
 * A network that joins machines of one user.
 *
 * @param id its identity, with which its processes are tagged; as random as a machine's
 * @param subnet the addresses of its machines
 */
record NamedNetwork(NetworkName name, MachineId id, Subnet subnet, Instant created) {

    private static final int VERSION = 1;

    NetworkDocument document() {
        return new NetworkDocument(VERSION, name.value(), id.value(), subnet.toString(), created.toString());
    }

    /**
     * Takes it from its document.
     *
     * @throws IllegalArgumentException when that says something else
     */
    static NamedNetwork of(NetworkDocument document) {
        if (document.version() != VERSION) {
            throw new IllegalArgumentException("version " + document.version() + " is not known to this fcvm");
        }
        return new NamedNetwork(
                new NetworkName(document.name()),
                new MachineId(document.id()),
                Subnet.parse(document.subnet())
                        .orElseThrow(() -> new IllegalArgumentException("no subnet: " + document.subnet())),
                Instant.parse(document.created()));
    }
}
