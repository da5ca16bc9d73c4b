package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.GuestNames.HostEntry;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DnsFlagsTest {

    @Test
    void shouldLeaveAllAsOnTheHostUnlessToldOtherwise() throws Exception {
        assertThat(DnsFlags.parse(List.of(), List.of(), List.of(), List.of())).isEqualTo(GuestNames.HOSTS);
    }

    @Test
    void shouldKeepTheOrderAndOneOfEach() throws Exception {
        GuestNames names = DnsFlags.parse(
                List.of("192.0.2.53", "2001:db8::53", "192.0.2.53"),
                List.of("Example.com", "b_c.example."),
                List.of("ndots:2", "edns0", "trust-ad"),
                List.of());
        assertThat(names.servers())
                .containsExactly(InetAddress.ofLiteral("192.0.2.53"), InetAddress.ofLiteral("2001:db8::53"));
        assertThat(names.search()).containsExactly("example.com", "b_c.example");
        assertThat(names.options()).containsExactly("ndots:2", "edns0", "trust-ad");
    }

    @ParameterizedTest
    @CsvSource({
        "db:192.0.2.5, db, 192.0.2.5",
        "DB_1.Example:192.0.2.5, db_1.example, 192.0.2.5",
        "db:2001:db8::5, db, 2001:db8::5",
        "db:[2001:db8::5], db, 2001:db8::5",
        "db:::1, db, ::1",
        "db:127.0.0.1, db, 127.0.0.1"
    })
    void shouldReadHosts(String value, String name, String address) throws Exception {
        assertThat(hosts(value)).containsExactly(new HostEntry(name, Optional.of(InetAddress.ofLiteral(address))));
    }

    @Test
    void shouldReadSeveralWithCommasBetweenThem() throws Exception {
        GuestNames names = DnsFlags.parse(
                List.of("192.0.2.53,192.0.2.54"), List.of("a.example,b.example"), List.of("ndots:2,edns0"), List.of());
        assertThat(names.servers()).hasSize(2);
        assertThat(names.search()).containsExactly("a.example", "b.example");
        assertThat(names.options()).containsExactly("ndots:2", "edns0");
    }

    @Test
    void shouldGiveOneAddressSeveralNames() throws Exception {
        InetAddress five = InetAddress.ofLiteral("192.0.2.5");
        InetAddress six = InetAddress.ofLiteral("2001:db8::6");
        assertThat(hosts("a;b:192.0.2.5,c:2001:db8::6"))
                .containsExactly(
                        new HostEntry("a", Optional.of(five)),
                        new HostEntry("b", Optional.of(five)),
                        new HostEntry("c", Optional.of(six)));
    }

    @Test
    void shouldLeaveTheHostsOwnAddressToTheUplink() throws Exception {
        assertThat(hosts("host.docker.internal:host-gateway"))
                .containsExactly(new HostEntry("host.docker.internal", Optional.empty()));
    }

    @Test
    void shouldGiveOneNameSeveralAddresses() throws Exception {
        assertThat(hosts("db:192.0.2.5", "db:192.0.2.6", "db:192.0.2.5")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db",
                "db:",
                ":192.0.2.5",
                "db:host",
                "db:1.2.3",
                "db:192.0.2.5:80",
                "db:[192.0.2.5]",
                "a b:192.0.2.5",
                "a\tb:192.0.2.5",
                "#:192.0.2.5",
                "a\nb:192.0.2.5",
                "-a:192.0.2.5",
                "1.2.3.4:192.0.2.5",
                "db:fe80::1%eth0",
                "db:Host-Gateway"
            })
    void shouldRefuseEveryOtherHost(String value) {
        assertRefused("--add-host", value, () -> hosts(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dns.example", "none", "127.0.0.53", "::1", "0.0.0.0", "::", "224.0.0.1", "1.2.3.4:53"})
    void shouldRefuseWhatIsNoNameServer(String value) {
        assertRefused("--dns", value, () -> DnsFlags.parse(List.of(value), List.of(), List.of(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a b", "a\nnameserver 192.0.2.1", "192.0.2.1", "*.example"})
    void shouldRefuseWhatIsNoDomain(String value) {
        assertRefused("--dns-search", value, () -> DnsFlags.parse(List.of(), List.of(value), List.of(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NDOTS:2", "ndots:", "ndots:x", "ndots:123456", "a b", "a\nb", "-a"})
    void shouldRefuseWhatIsNoOption(String value) {
        assertRefused("--dns-option", value, () -> DnsFlags.parse(List.of(), List.of(), List.of(value), List.of()));
    }

    @Test
    void shouldTakeADotForNoSearchAtAll() throws Exception {
        assertThat(DnsFlags.parse(List.of(), List.of("."), List.of(), List.of()).search())
                .containsExactly(".");
        assertThatThrownBy(() -> DnsFlags.parse(List.of(), List.of(".", "a.example"), List.of(), List.of()))
                .hasMessageStartingWith("--dns-search . means no domain");
    }

    @Test
    void shouldBoundHowManyThereAre() {
        assertThatThrownBy(() -> hosts(Collections.nCopies(257, "db:192.0.2.5").toArray(String[]::new)))
                .hasMessageContaining("more than 256");
    }

    private static List<HostEntry> hosts(String... values) throws FcvmException {
        return DnsFlags.parse(List.of(), List.of(), List.of(), List.of(values)).hosts();
    }

    private static void assertRefused(String flag, String value, ThrowingCallable reading) {
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(
                        FcvmException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FcvmException.Kind.USAGE))
                .message()
                .startsWith(flag + " is \"" + value.replaceAll("[\n\t]", "?"))
                .doesNotContain("\n");
    }
}
