package dev.fcvm.guest.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.TestGuest;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent writes of a machine's name and network; the card itself only a machine has. */
class GuestNetworkTest {

    @TempDir
    Path directory;

    @Test
    void shouldKnowItselfByItsNameAndTouchNoNetworkWhereThereIsNone() throws Exception {
        var guest = new TestGuest(directory);
        new GuestNetwork(guest.files).set(TestGuest.plan(List.of()));
        assertThat(Files.readString(guest.files.hostname())).isEqualTo("otter-host");
        assertThat(Files.readString(guest.files.hosts()))
                .isEqualTo("127.0.0.1 localhost\n::1 localhost\n127.0.1.1 otter-host\n");
        assertThat(guest.files.resolver()).doesNotExist();
    }

    @Test
    void shouldWriteTheResolverTheHostsAndTheSettingsOfPodmansNetworks() throws Exception {
        var guest = new TestGuest(directory);
        Path ipv4 = Files.createDirectories(guest.files.sysctls().resolve("net/ipv4"));
        Files.createDirectories(guest.files.networks());
        Plan plain = TestGuest.plan(List.of());
        var network = new NetworkPlan(
                1500, false, List.of("nameserver 172.30.0.1", "search a.example"), List.of("192.0.2.7 db"));
        Plan plan = new Plan(
                plain.version(),
                plain.machine(),
                plain.name(),
                plain.hostname(),
                plain.keep(),
                plain.container(),
                Optional.of(network));

        assertThatThrownBy(() -> new GuestNetwork(guest.files).set(plan))
                .isInstanceOf(IOException.class)
                .hasMessage("this machine has no network card 06:00:ac:1e:00:02");

        assertThat(Files.readString(guest.files.resolver())).isEqualTo("nameserver 172.30.0.1\nsearch a.example\n");
        assertThat(Files.readString(guest.files.hosts())).endsWith("127.0.1.1 otter-host\n192.0.2.7 db\n");
        assertThat(Files.readString(ipv4.resolve("ip_unprivileged_port_start"))).isEqualTo("0");
        assertThat(Files.readString(ipv4.resolve("ping_group_range"))).isEqualTo("0 2147483647");
    }
}
