package dev.fcvm.net.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.settings.NetworkPool;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses of networks that join machines. */
class SubnetsTest {

    private static final String HEADER = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n";

    @TempDir
    Path directory;

    @RepeatedTest(50)
    void shouldChooseWhatCollidesWithNothingWhateverThereIs(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        var routes = new StringBuilder(HEADER).append(route("eth0", 0, 0));
        List<Subnet> used = new ArrayList<>();
        for (int count = random.nextInt(300); count > 0; count--) {
            // Most of them where networks are chosen from.
            int base = random.nextInt(4) == 0 ? random.nextInt() : 10 << 24 | 232 << 16 | random.nextInt(1 << 16);
            int prefix = 20 + random.nextInt(13);
            var subnet = new Subnet(base & -1 << (32 - prefix), prefix);
            used.add(subnet);
            routes.append(route("eth1", subnet.base(), prefix));
        }
        List<NamedNetwork> others = new ArrayList<>();
        Path file = Files.writeString(directory.resolve("route"), routes);
        for (int number = 0; number < 20; number++) {
            Subnet chosen = Subnets.ofHost(NetworkPool.STANDARD, file, others).free();

            assertThat(used).noneMatch(chosen::overlaps);
            assertThat(chosen.overlaps(Subnet.of(NetworkPool.STANDARD))).isFalse();
            assertThat(chosen.prefix()).isEqualTo(24);
            assertThat(Subnet.parse(chosen.toString())).contains(chosen);
            used.add(chosen);
            others.add(new NamedNetwork(new NetworkName("n" + number), MachineId.random(), chosen, Instant.EPOCH));
        }
    }

    @Test
    void shouldChooseElsewhereWhereTheHostHasAllOfTheFirstPool() throws Exception {
        Path vpn = Files.writeString(directory.resolve("route"), HEADER + route("tun0", 10 << 24, 8));
        assertThat(Subnets.ofHost(NetworkPool.STANDARD, vpn, List.of()).free()).hasToString("172.29.0.0/24");
    }

    @Test
    void shouldSayWhatIsInTheWayOfAnAddressThatIsAskedFor() throws Exception {
        Path routes = Files.writeString(
                directory.resolve("route"), HEADER + route("eth0", 192 << 24 | 168 << 16 | 7 << 8, 24));
        var there =
                new NamedNetwork(new NetworkName("backend"), MachineId.random(), subnet("10.90.0.0/24"), Instant.EPOCH);
        Subnets subnets = Subnets.ofHost(NetworkPool.STANDARD, routes, List.of(there));

        refused(subnets, "192.168.0.0/16", "the host (eth0) has 192.168.7.0/24");
        refused(subnets, "192.168.7.128/29", "the host (eth0) has 192.168.7.0/24");
        refused(subnets, "10.90.0.128/25", "the network backend has 10.90.0.0/24");
        refused(subnets, "10.231.9.0/24", "FCVM_NETWORK_POOL");
        refused(subnets, "10.0.2.0/24", "the way out of rootless machines");
        assertThatCode(() -> subnets.requireFree(subnet("10.90.1.0/24"))).doesNotThrowAnyException();
    }

    private static void refused(Subnets subnets, String wanted, String why) {
        assertThatThrownBy(() -> subnets.requireFree(subnet(wanted)))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("the subnet " + wanted + " is in use: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.90.0.0",
                "10.90.0.0/15",
                "10.90.0.0/30",
                "10.90.0.1/24",
                "10.90.0.0/24 ",
                "10.90.0/24",
                "256.0.0.0/24",
                "127.0.0.0/24",
                "169.254.0.0/24",
                "172.30.0.0/24",
                "224.0.0.0/24",
                "2001:db8::/64",
                "",
                "/24"
            })
    void shouldTakeNothingElseForASubnet(String text) {
        assertThat(Subnet.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.90.0.0/29", "10.90.0.0/25", "10.90.0.0/24", "10.90.0.0/16"})
    void shouldHavePlacesForMachinesThatAreAllDifferentAndWithinIt(String text) {
        Subnet subnet = subnet(text);
        Set<Inet4Address> all = new HashSet<>();
        for (int place = 0; place < subnet.places(); place++) {
            Inet4Address address = subnet.place(place);
            assertThat(subnet.holds(address)).isTrue();
            all.add(address);
        }
        assertThat(all).hasSize(Math.min(254, (1 << (32 - subnet.prefix())) - 2));
        assertThat(all).doesNotContain(NetworkPool.address(subnet.base()));
        assertThat(all).doesNotContain(NetworkPool.address(subnet.base() | -1 >>> subnet.prefix()));
    }

    private static Subnet subnet(String text) {
        return Subnet.parse(text).orElseThrow();
    }

    /** A line as proc(5) describes it. */
    private static String route(String device, int base, int prefix) {
        int mask = prefix == 0 ? 0 : -1 << (32 - prefix);
        return "%s\t%08X\t00000000\t0001\t0\t0\t0\t%08X\t0\t0\t0%n"
                .formatted(device, Integer.reverseBytes(base), Integer.reverseBytes(mask));
    }
}
