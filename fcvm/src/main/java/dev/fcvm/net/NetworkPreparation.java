package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.named.Membership;
import dev.fcvm.net.named.NamedNetworks;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.privileged.PrivilegedUplink;
import dev.fcvm.net.privileged.UplinkRequest;
import dev.fcvm.net.rootless.SlirpUplink;
import dev.fcvm.net.uplink.HelperProcess;
import dev.fcvm.net.uplink.Uplink;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Puts a {@link JoinedNetwork} together: all of it, or nothing is claimed. */
final class NetworkPreparation {

    private static final String SLIRP = "slirp4netns";

    private final NetworkPlace place;
    private final NetworkRequest request;
    private final Optional<NetworkState> before;
    private final NetworkRecord record;
    private final Consumer<String> warnings;

    /**
     * Makes one; nothing is claimed before it is told to.
     *
     * @param request with the ports as they are to be
     * @param before what the machine had before, or has
     */
    NetworkPreparation(
            NetworkPlace place, NetworkRequest request, Optional<NetworkState> before, Consumer<String> warnings) {
        this.place = place;
        this.request = request;
        this.before = before;
        this.record = NetworkRecord.of(place.directory(), before.orElseGet(NetworkState::none));
        this.warnings = warnings;
    }

    /** How a part of it is come by. */
    @FunctionalInterface
    private interface Part<T> {
        T get() throws FcvmException, InterruptedException;
    }

    /** How its uplink is come by, when it is known as whom that may run. */
    @FunctionalInterface
    private interface Linking {
        Uplink get(HelperUsers users) throws FcvmException, InterruptedException;
    }

    JoinedNetwork prepare(List<String> names, Optional<PortReservation> waiting)
            throws FcvmException, InterruptedException {
        JoinedNetwork network = together(
                () -> join(names),
                () -> HelperUsers.of(place, request),
                users -> place.rootless()
                        ? SlirpUplink.prepare(slirp(users), request, waiting)
                        : PrivilegedUplink.claim(
                                privileged(),
                                asked(),
                                request.ports(),
                                waiting,
                                before.flatMap(NetworkState::uplinkAddress)));
        boolean written = false;
        try {
            network.writeDown();
            written = true;
            return network;
        } finally {
            if (!written) {
                network.close();
            }
        }
    }

    JoinedNetwork adopt(long process, NetworkState state) throws FcvmException, InterruptedException {
        NamedNetworks networks = new NamedNetworks(place.settings().directories());
        Optional<Membership> membership = request.joins().isPresent()
                ? Optional.of(networks.adopt(request.joins().get(), place.machine(), place.journal()))
                : Optional.empty();
        HelperUsers users = HelperUsers.known(place);
        Uplink uplink = place.rootless()
                ? SlirpUplink.adopt(slirp(users), request, process, state.helper(SLIRP))
                : PrivilegedUplink.adopt(privileged(), asked(), request.ports());
        return network(membership, users, uplink);
    }

    private Optional<Membership> join(List<String> names) throws FcvmException, InterruptedException {
        if (request.joins().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NamedNetworks(place.settings().directories())
                .join(
                        request.joins().get(),
                        place.machine(),
                        names,
                        before.flatMap(NetworkState::memberAddress),
                        place.users(),
                        place.journal()));
    }

    private JoinedNetwork together(Part<Optional<Membership>> joining, Part<HelperUsers> claiming, Linking linking)
            throws FcvmException, InterruptedException {
        Optional<Membership> membership = joining.get();
        HelperUsers users = HelperUsers.none(place);
        boolean done = false;
        try {
            users = claiming.get();
            JoinedNetwork network = network(membership, users, linking.get(users));
            done = true;
            return network;
        } finally {
            if (!done) {
                try (HelperUsers _ = users) {
                    if (membership.isPresent()) {
                        membership.get().close();
                    }
                }
            }
        }
    }

    private JoinedNetwork network(Optional<Membership> membership, HelperUsers users, Uplink uplink) {
        return new JoinedNetwork(place, request, uplink, membership, users, record, warnings);
    }

    private SlirpUplink.Ends slirp(HelperUsers users) {
        HelperProcess.Noted writing = process -> record.change(state -> state.with(SLIRP, process));
        return new SlirpUplink.Ends(
                place.machine(), place.directory(), place.sockets(), users.uplinkNumber(), writing, warnings);
    }

    private PrivilegedUplink.Ends privileged() {
        return new PrivilegedUplink.Ends(place.machine(), place.directory(), place.host(), place.journal(), warnings);
    }

    private UplinkRequest asked() {
        return new UplinkRequest(
                place.settings().networkPool(),
                Optional.of(place.settings().networkPool6()).filter(_ -> request.ipv6()),
                request.names().servers(),
                request.hostLoopback());
    }
}
