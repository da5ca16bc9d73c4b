package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.Egress.Allowed;
import dev.fcvm.net.flags.Egress.AllowedName;
import dev.fcvm.net.flags.Egress.AllowedNetwork;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EgressFlagsTest {

    @Test
    void shouldLeaveEverythingOpenUnlessDenied() throws Exception {
        assertThat(EgressFlags.parse(Optional.empty(), List.of())).isEqualTo(Egress.OPEN);
        assertThat(EgressFlags.parse(Optional.of("open"), List.of())).isEqualTo(Egress.OPEN);
        assertThat(EgressFlags.parse(Optional.of("deny"), List.of())).isEqualTo(new Egress(false, List.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, network 192.0.2.0/24 all",
        "192.0.2.0/24:443, network 192.0.2.0/24 443",
        "192.0.2.1, network 192.0.2.1/32 all",
        "192.0.2.1:53, network 192.0.2.1/32 53",
        "0.0.0.0/0, network 0.0.0.0/0 all",
        "2001:DB8::/32, network 2001:db8::/32 all",
        "2001:db8:0::1, network 2001:db8::1/128 all",
        "[2001:db8::/32]:443, network 2001:db8::/32 443",
        "[2001:db8::1]:443, network 2001:db8::1/128 443",
        "[2001:db8::1], network 2001:db8::1/128 all",
        "::/0, network ::/0 all",
        "example.com, name example.com all",
        "Example.COM.:443, name example.com 443",
        "db, name db all",
        "3com.example:80, name 3com.example 80",
        "xn--bcher-kva.example, name xn--bcher-kva.example all"
    })
    void shouldReadDestinationsIntoOneForm(String value, String meant) throws Exception {
        assertThat(deny(value)).extracting(EgressFlagsTest::told).containsExactly(meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":443",
                "192.0.2.1/24",
                "192.0.2.0/33",
                "192.0.2.0/024",
                "192.0.2.0/-1",
                "192.0.2.0/",
                "192.0.2.0/24/24",
                "192.0.2/24",
                "1.2.3",
                "10.1",
                "2130706433",
                "0x7f.1",
                "300.1.1.1",
                "192.0.2.1:0",
                "192.0.2.1:65536",
                "192.0.2.1:http",
                "192.0.2.1:1-2",
                "2001:db8::1/32",
                "2001:db8::/129",
                "[2001:db8::1]443",
                "[2001:db8::]/32:443",
                "[192.0.2.1]:443",
                "[example.com]:443",
                "::ffff:192.0.2.1",
                "::ffff:c000:201/128",
                "fe80::1%eth0",
                "*.example.com",
                "-a.example",
                "a-.example",
                "a..example",
                ".example",
                "a_b.example",
                "example.com/24",
                "example.com:80:90",
                "exa mple.com",
                "example.com;drop",
                "example.com\n",
                "ex\"ample",
                "{192.0.2.1}",
                "\u212aelvin.example",
                "b\u00fccher.example",
                "169.254.169.254",
                "169.254.169.254:80",
                "127.0.0.1:80",
                "[::1]:80"
            })
    void shouldRefuseEverythingElseInOneLineThatShowsIt(String value) {
        assertThatThrownBy(() -> deny(value))
                .isInstanceOf(FcvmException.class)
                .message()
                .startsWith("--allow is \"" + value.replace('\n', '?'))
                .doesNotContain("\n");
    }

    @Test
    void shouldRefuseNamesThatAreTooLong() throws Exception {
        String label = "a".repeat(63);
        assertThat(deny(label + ".example")).hasSize(1);
        assertThatThrownBy(() -> deny("a" + label + ".example")).isInstanceOf(FcvmException.class);
        String most = String.join(".", label, label, label, "a".repeat(61));
        assertThat(most).hasSize(253);
        assertThat(deny(most)).hasSize(1);
        assertThatThrownBy(() -> deny(most + "a")).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldSayBothThingsThatAnAddressWithAPrefixMayHaveMeant() {
        assertThatThrownBy(() -> deny("10.1.2.3/8"))
                .hasMessageEndingWith("write 10.0.0.0/8 for the network, or 10.1.2.3 for the address");
    }

    @Test
    void shouldRefuseExceptionsFromWhatIsNotForbidden() {
        for (Optional<String> open : List.of(Optional.<String>empty(), Optional.of("open"))) {
            assertThatThrownBy(() -> EgressFlags.parse(open, List.of("192.0.2.1")))
                    .hasMessageContaining("add --egress deny");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "closed", "OPEN", "deny "})
    void shouldRefuseOtherWords(String word) {
        assertThatThrownBy(() -> EgressFlags.parse(Optional.of(word), List.of()))
                .hasMessage("--egress is \"" + word + "\": it must be one of: open, deny");
    }

    @Test
    void shouldTakeTheSameTwiceForOneAndAThousandAtMost() throws Exception {
        assertThat(deny("192.0.2.1", "192.0.2.1/32", "a.example", "A.example.")).hasSize(2);
        assertThatThrownBy(() -> deny(Collections.nCopies(1001, "a.example").toArray(String[]::new)))
                .hasMessageContaining("more than 1000");
    }

    @Test
    void shouldReadBackWhateverNetworkItWrites() throws Exception {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            var bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            bytes[0] = 32; // neither loopback nor link-local
            int prefix = 3 + random.nextInt(8 * bytes.length - 2);
            for (int bit = prefix; bit < 8 * bytes.length; bit++) {
                bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            String cidr = Addresses.text(InetAddress.getByAddress(bytes)) + "/" + prefix;
            assertThat(deny(cidr)).extracting(EgressFlagsTest::told).containsExactly("network " + cidr + " all");
        }
    }

    private static List<Allowed> deny(String... allow) throws FcvmException {
        return EgressFlags.parse(Optional.of("deny"), List.of(allow)).allowed();
    }

    private static String told(Allowed allowed) {
        String port =
                allowed.port().isPresent() ? Integer.toString(allowed.port().getAsInt()) : "all";
        return switch (allowed) {
            case AllowedNetwork(String cidr, var _) -> "network " + cidr + " " + port;
            case AllowedName(String name, var _) -> "name " + name + " " + port;
        };
    }
}
