package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PublishedPortsTest {

    @ParameterizedTest
    @CsvSource({
        "8080:80, :8080:80/tcp",
        "8080:80/udp, :8080:80/udp",
        "8080:80/TCP, :8080:80/tcp",
        "08080:080, :8080:80/tcp",
        "80, ::80/tcp",
        "80/udp, ::80/udp",
        ":80, ::80/tcp",
        "127.0.0.1:8080:80/udp, 127.0.0.1:8080:80/udp",
        "127.0.0.1::80, 127.0.0.1::80/tcp",
        "0.0.0.0:8080:80, 0.0.0.0:8080:80/tcp",
        "[::1]:8080:80, [::1]:8080:80/tcp",
        "[::1]::80, [::1]::80/tcp",
        "[2001:DB8:0::0001]:8080:80, [2001:db8::1]:8080:80/tcp",
        "1:65535, :1:65535/tcp"
    })
    void shouldReadWhatPodmanReads(String value, String meant) throws Exception {
        assertThat(parse(value)).extracting(PublishedPortsTest::told).containsExactly(meant);
    }

    @Test
    void shouldCountRangesOutAndTakeListsAndRepeatedFlags() throws Exception {
        assertThat(parse("8000-8002:90-92/udp,127.0.0.1:1:2", "5000-5001", "[::1]:6000-6001:7000-7001"))
                .extracting(PublishedPortsTest::told)
                .containsExactly(
                        ":8000:90/udp",
                        ":8001:91/udp",
                        ":8002:92/udp",
                        "127.0.0.1:1:2/tcp",
                        "::5000/tcp",
                        "::5001/tcp",
                        "[::1]:6000:7000/tcp",
                        "[::1]:6001:7001/tcp");
        assertThat(parse()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "8080:",
                "8080:80:",
                "a:80",
                "8080:b",
                "+80:80",
                " 80:80",
                "80 :80",
                "-80",
                "80-",
                "80--81",
                "0:80",
                "80:0",
                "65536:80",
                "80:65536",
                "999999999:80",
                "99999999999999999999:80",
                "9-8:9-8",
                "8000-8002:80",
                "8000:80-82",
                "8000-8010:80-81",
                "8080:80/",
                "8080:80/sctp",
                "8080:80/tcp/udp",
                "127.0.0.1:80",
                "127.0.0.1",
                "localhost:80:80",
                "127.1:80:80",
                "0127.0.0.1:80:80",
                "1.2.3.256:80:80",
                "::1:80:80",
                ":8080:80",
                "[::1:80:80",
                "::1]:80:80",
                "[127.0.0.1]:80:80",
                "[::1]80:80",
                "[::1]:80",
                "[]:80:80",
                "[fe80::1%eth0]:80:80",
                "[::ffff:127.0.0.1]:80:80",
                "[::ffff:7f00:1]:80:80",
                "224.0.0.1:80:80",
                "[ff02::1]:80:80",
                "8080:80:90:1",
                "8080:80,",
                ",8080:80",
                "８０:80",
                "8080:80\n",
                "1-1001:1-1001"
            })
    void shouldRefuseEveryOtherFormInOneLineThatShowsIt(String value) {
        assertThatThrownBy(() -> parse(value))
                .isInstanceOfSatisfying(
                        FcvmException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FcvmException.Kind.USAGE))
                .message()
                .startsWith("--publish is \"" + value.replace('\n', '?'))
                .doesNotContain("\n");
    }

    @Test
    void shouldSayTheFormToWhoeverMistakesIt() {
        assertThatThrownBy(() -> parse("http")).hasMessageContaining("[IP:][HOST]:GUEST[/tcp|udp]");
        assertThatThrownBy(() -> parse("8000-8010:80-81")).hasMessageContaining("different lengths, 11 and 2");
        assertThatThrownBy(() -> parse("1-1001:1-1001")).hasMessageContaining("at most 1000 ports");
    }

    @Test
    void shouldTakeAThousandPortsAndNotOneMore() throws Exception {
        assertThat(parse("1-1000:1-1000")).hasSize(1000);
        assertThatThrownBy(() -> parse("1-500:1-500", "2001-2501:1-501")).hasMessageContaining("at most 1000 ports");
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, 8080:80",
        "8080:80, 8080:81",
        "8000-8010:80-90, 8005:1",
        "8080:80, 127.0.0.1:8080:80",
        "8080:80, 0.0.0.0:8080:81",
        "0.0.0.0:8080:80, 192.0.2.1:8080:80",
        "[::]:8080:80, [::1]:8080:80",
        "127.0.0.1:8080:80/udp, 127.0.0.1:8080:81/udp",
        "80, 80",
        "127.0.0.1::80, 127.0.0.1::80"
    })
    void shouldRefuseTwoThatWantOnePortOfTheHost(String one, String other) {
        assertThatThrownBy(() -> parse(one, other)).hasMessageStartingWith("--publish has ");
        assertThatThrownBy(() -> parse(other, one)).hasMessageStartingWith("--publish has ");
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, 8081:80",
        "8080:80, 8080:80/udp",
        "127.0.0.1:8080:80, 127.0.0.2:8080:80",
        "127.0.0.1:8080:80, [::1]:8080:80",
        "0.0.0.0:8080:80, [::]:8080:80",
        "127.0.0.1::80, [::1]::80",
        "80, 81"
    })
    void shouldTakeTwoThatDoNotMeet(String one, String other) throws Exception {
        assertThat(parse(one, other)).hasSize(2);
    }

    @Test
    void shouldReadBackWhateverItWrites() throws Exception {
        var random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            var port = new PublishedPort(
                    anyAddress(random),
                    random.nextInt(65_536),
                    1 + random.nextInt(65_535),
                    random.nextBoolean() ? Protocol.TCP : Protocol.UDP);
            // A port that is free with all defaults is written GUEST alone.
            String text = port.address().isEmpty() && port.hostPort() == 0
                    ? port.guestPort() + "/" + port.protocol().word()
                    : told(port).replaceFirst("^:(?=[0-9])", "");
            assertThat(parse(text)).as(text).containsExactly(port);
        }
    }

    @Test
    void shouldReadARangeAsItsPortsOneByOne() throws Exception {
        var random = new Random(6);
        for (int round = 0; round < 200; round++) {
            int length = 1 + random.nextInt(50);
            int host = 1 + random.nextInt(65_000);
            int guest = 1 + random.nextInt(65_000);
            var single = new ArrayList<String>();
            for (int i = 0; i < length; i++) {
                single.add((host + i) + ":" + (guest + i));
            }
            String range = "%d-%d:%d-%d".formatted(host, host + length - 1, guest, guest + length - 1);
            assertThat(parse(range)).isEqualTo(PublishedPorts.parse(single)).isEqualTo(parse(String.join(",", single)));
        }
    }

    @Test
    void shouldShowAPortAsPodmanDoes() throws Exception {
        assertThat(parse("127.0.0.1:8080:80", "[2001:db8:0:0:1:0:0:1]:53:53/udp"))
                .extracting(PublishedPort::toString)
                .containsExactly("80/tcp -> 127.0.0.1:8080", "53/udp -> [2001:db8::1:0:0:1]:53");
    }

    private static Optional<InetAddress> anyAddress(Random random) throws Exception {
        int length = List.of(0, 4, 16).get(random.nextInt(3));
        if (length == 0) {
            return Optional.empty();
        }
        var bytes = new byte[length];
        random.nextBytes(bytes);
        for (int i = random.nextInt(length); i < length && random.nextBoolean(); i++) {
            bytes[i] = 0;
        }
        InetAddress address = InetAddress.getByAddress(bytes);
        return address.isMulticastAddress() ? Optional.empty() : Optional.of(address);
    }

    private static List<PublishedPort> parse(String... values) throws FcvmException {
        return PublishedPorts.parse(List.of(values));
    }

    private static String told(PublishedPort port) {
        String host = port.hostPort() == 0 ? "" : Integer.toString(port.hostPort());
        return port.address().map(Addresses::beforePort).orElse("") + ":" + host + ":" + port.guestPort() + "/"
                + port.protocol().word();
    }
}
