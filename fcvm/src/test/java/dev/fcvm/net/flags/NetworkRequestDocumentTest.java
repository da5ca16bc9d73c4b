package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a machine is started again with is what it was created with. */
class NetworkRequestDocumentTest {

    private static final JsonType<NetworkRequestDocument> JSON =
            Jsonb.instance().type(NetworkRequestDocument.class);

    @Test
    void shouldComeBackFromJsonAsItWas() throws Exception {
        NetworkRequest request = new NetworkRequest(
                true,
                PublishedPorts.parse(List.of(
                        "8080:80",
                        ":81",
                        "127.0.0.1:8080:82/udp",
                        "[::1]:8081:83",
                        "[2001:db8::1]::84",
                        "9000-9002:85-87")),
                EgressFlags.parse(
                        Optional.of("deny"),
                        List.of(
                                "192.0.2.0/24",
                                "192.0.2.1:443",
                                "[2001:db8::/32]:443",
                                "2001:db8:1::/48",
                                "example.com:443",
                                "example.org")),
                true,
                true,
                DnsFlags.parse(
                        List.of("192.0.2.53", "2001:db8::53"),
                        List.of("a.example", "b_b.example"),
                        List.of("ndots:2", "rotate"),
                        List.of("db:192.0.2.5", "six:2001:db8::5", "me:host-gateway")),
                Optional.of(new NetworkName("backend")));

        assertThat(again(request)).isEqualTo(request);
    }

    @Test
    void shouldComeBackFromJsonWhereNothingWasAskedFor() throws Exception {
        NetworkRequest open =
                new NetworkRequest(true, List.of(), Egress.OPEN, false, false, GuestNames.HOSTS, Optional.empty());
        assertThat(again(open)).isEqualTo(open);
        NetworkRequest none = NetworkRequest.without(GuestNames.HOSTS);
        assertThat(again(none)).isEqualTo(none);
    }

    /** A port without an address is two, by IPv4 and by IPv6, once its host's side is settled. */
    @Test
    void shouldHoldMorePortsThanCanBeAskedFor() throws Exception {
        NetworkRequest request = new NetworkRequest(
                true,
                PublishedPorts.settled(List.of("0.0.0.0:8080:80/tcp", "[::]:8080:80/tcp")),
                Egress.OPEN,
                false,
                true,
                GuestNames.HOSTS);
        assertThat(again(request)).isEqualTo(request);
    }

    @Test
    void shouldRefuseADocumentThatSaysWhatNoFlagTakes() {
        for (String json : List.of(
                "{\"enabled\":true}",
                "{\"enabled\":true,\"egress\":\"open\",\"ports\":[\"80; drop\"]}",
                "{\"enabled\":true,\"egress\":\"open\",\"network\":\"../x\"}",
                "{\"enabled\":true,\"egress\":\"deny\",\"allow\":[\"a b\"]}",
                "{\"enabled\":true,\"egress\":\"open\",\"addHosts\":[\"a\\nb:192.0.2.1\"]}")) {
            assertThatThrownBy(() -> JSON.fromJson(json).request()).as(json).isInstanceOf(FcvmException.class);
        }
    }

    private static NetworkRequest again(NetworkRequest request) throws FcvmException {
        return JSON.fromJson(JSON.toJson(NetworkRequestDocument.of(request))).request();
    }
}
