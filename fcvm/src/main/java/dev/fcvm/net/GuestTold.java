package dev.fcvm.net;

import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.uplink.Inside;
import dev.fcvm.net.uplink.Uplink;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a guest is told of how names are found.
 *
 * @param request what was asked for
 * @param uplink what there is
 */
record GuestTold(NetworkRequest request, Uplink uplink) {

    /** Returns the lines of the guest's resolv.conf(5). */
    List<String> resolver() {
        GuestNames names = request.names();
        List<String> lines = new ArrayList<>();
        // Where its own asks nobody, those that are named may still be allowed, by their addresses.
        boolean gated = request.joins().isPresent() || (!request.egress().open() && NameGate.asks(request.egress()));
        boolean own = names.servers().isEmpty() || gated;
        if (own) {
            lines.add("nameserver " + Inside.GATEWAY);
        } else {
            names.servers().forEach(server -> lines.add("nameserver " + server.getHostAddress()));
        }
        List<String> search = names.search().isEmpty() ? uplink.search() : names.search();
        if (!search.isEmpty() && !search.equals(List.of("."))) {
            lines.add("search " + String.join(" ", search));
        }
        if (!names.options().isEmpty()) {
            lines.add("options " + String.join(" ", names.options()));
        }
        return lines;
    }

    /** Returns the further lines of the guest's hosts(5). */
    List<String> hosts() {
        List<String> lines = new ArrayList<>();
        for (GuestNames.HostEntry entry : request.names().hosts()) {
            InetAddress address = entry.address().orElse(uplink.host());
            lines.add(Addresses.text(address) + " " + entry.name());
        }
        lines.add(uplink.host().getHostAddress() + " host.containers.internal host.docker.internal");
        return lines;
    }
}
