package dev.fcvm.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.GuestNames.HostEntry;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.Uplink;
import dev.fcvm.settings.SettingsReader;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a guest is told of its network, with an uplink that is made up. */
class JoinedNetworkTest {

    private static final Egress NAMES =
            new Egress(false, List.of(new Egress.AllowedName("example.org", OptionalInt.empty())));

    @Test
    void shouldHaveTheGuestAskItsGatewayAndSearchWhereTheHostDoes() throws Exception {
        assertThat(network(Egress.OPEN, GuestNames.HOSTS).resolver())
                .containsExactly("nameserver 172.30.0.1", "search lan.example");
    }

    @Test
    void shouldTakeTheUsersServersDomainsAndOptionsInstead() throws Exception {
        var names = new GuestNames(
                List.of(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.2")),
                List.of("a.example", "b.example"),
                List.of("ndots:2", "rotate"),
                List.of());
        assertThat(network(Egress.OPEN, names).resolver())
                .containsExactly(
                        "nameserver 192.0.2.1",
                        "nameserver 192.0.2.2",
                        "search a.example b.example",
                        "options ndots:2 rotate");
    }

    @Test
    void shouldHaveNoSearchDomainWhereTheUserWantsNone() throws Exception {
        var names = new GuestNames(List.of(), List.of("."), List.of(), List.of());
        assertThat(network(Egress.OPEN, names).resolver()).containsExactly("nameserver 172.30.0.1");
    }

    /** Else the guest could ask others, for names that are not allowed. */
    @Test
    void shouldHaveTheGuestAskItsOwnGateWhereOnlyNamesAreAllowed() throws Exception {
        var names = new GuestNames(List.of(InetAddress.ofLiteral("192.0.2.1")), List.of("."), List.of(), List.of());
        assertThat(network(NAMES, names).resolver()).containsExactly("nameserver 172.30.0.1");
    }

    @Test
    void shouldNameTheHostByTheUplinksAddressOfIt() throws Exception {
        var names = new GuestNames(
                List.of(),
                List.of(),
                List.of(),
                List.of(
                        new HostEntry("db", Optional.of(InetAddress.ofLiteral("192.0.2.9"))),
                        new HostEntry("me", Optional.empty())));
        assertThat(network(Egress.OPEN, names).hosts())
                .containsExactly(
                        "192.0.2.9 db",
                        "198.51.100.1 me",
                        "198.51.100.1 host.containers.internal host.docker.internal");
    }

    @Test
    void shouldSpeakIpv6OnlyWhereItIsAskedFor() throws Exception {
        assertThat(network(Egress.OPEN, GuestNames.HOSTS).links()).doesNotContain("fd00");
    }

    private static JoinedNetwork network(Egress egress, GuestNames names) throws FcvmException {
        Path directory = Path.of("/nonexistent");
        return new JoinedNetwork(
                new NetworkPlace(
                        MachineId.random(),
                        directory,
                        directory,
                        false,
                        SettingsReader.read(Map.of(), Map.of("HOME", "/nonexistent"), Path.of("/")),
                        Journal.open(directory.resolve("journal"), List.of())),
                new NetworkRequest(true, List.of(), egress, false, false, names),
                new MadeUpUplink(),
                Optional.empty(),
                HelperUsers.none(UserRange.STANDARD, Journal.open(directory.resolve("journal"), List.of())),
                NetworkRecord.of(directory, NetworkState.none()),
                _ -> {});
    }

    private static final class MadeUpUplink implements Uplink {
        @Override
        public Inet4Address address() {
            return Inet4Address.ofLiteral("198.51.100.2");
        }

        @Override
        public List<InetAddress> resolvers() {
            return List.of(InetAddress.ofLiteral("198.51.100.53"));
        }

        @Override
        public List<String> search() {
            return List.of("lan.example");
        }

        @Override
        public Inet4Address host() {
            return Inet4Address.ofLiteral("198.51.100.1");
        }

        @Override
        public List<String> closed() {
            return List.of();
        }

        @Override
        public int mtu() {
            return 1500;
        }

        @Override
        public void attach(long process) {}

        @Override
        public List<String> notes() {
            return List.of();
        }

        @Override
        public List<PublishedPort> published() {
            return List.of();
        }

        @Override
        public List<PublishedPort> publish(List<PublishedPort> wanted) {
            return wanted;
        }

        @Override
        public void unpublish(PublishedPort port) {}

        @Override
        public void silence() {}

        @Override
        public void speak(Optional<PortReservation> waiting) {}

        @Override
        public Entrance entrance(long process) {
            return new Entrance(process, false);
        }

        @Override
        public void letGo() {}

        @Override
        public void part() {}

        @Override
        public void close() {}
    }
}
