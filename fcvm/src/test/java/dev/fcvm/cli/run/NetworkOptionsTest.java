package dev.fcvm.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.RateFlags;
import dev.fcvm.net.flags.Egress;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkName;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.NetworkKind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

final class NetworkOptionsTest {

    @Test
    void shouldGiveAMachineAnOpenNetworkWithNothingPublishedUnlessToldOtherwise() throws Exception {
        assertThat(parsed().request(NetworkKind.DEFAULT))
                .isEqualTo(new NetworkRequest(true, List.of(), Egress.OPEN, false, false, GuestNames.HOSTS));
        assertThat(parsed("--network", "default").request(NetworkKind.DEFAULT))
                .isEqualTo(parsed().request(NetworkKind.DEFAULT));
        assertThat(parsed().rates()).isEqualTo(RateFlags.NONE);
    }

    @Test
    void shouldTakeEveryFlagAsOftenAsItIsGiven() throws Exception {
        NetworkRequest request = parsed(
                        "-p",
                        "8080:80",
                        "--publish=127.0.0.1::53/udp",
                        "--egress=deny",
                        "--allow",
                        "192.0.2.0/24",
                        "--allow=example.com:443",
                        "--allow-host-loopback",
                        "--ipv6",
                        "--dns",
                        "192.0.2.53",
                        "--dns-search",
                        "example.com",
                        "--dns-option",
                        "ndots:2",
                        "--add-host",
                        "db:192.0.2.5",
                        "--add-host=gate:host-gateway")
                .request(NetworkKind.DEFAULT);
        assertThat(request.ports())
                .extracting(PublishedPort::toString)
                .containsExactly("80/tcp -> :8080", "53/udp -> 127.0.0.1:0");
        assertThat(request.egress().open()).isFalse();
        assertThat(request.egress().allowed()).hasSize(2);
        assertThat(request.hostLoopback()).isTrue();
        assertThat(request.ipv6()).isTrue();
        assertThat(request.names().servers()).hasSize(1);
        assertThat(request.names().search()).containsExactly("example.com");
        assertThat(request.names().options()).containsExactly("ndots:2");
        assertThat(request.names().hosts()).hasSize(2);
    }

    @Test
    void shouldTakeNothingForNoValueAsPodmanDoes() throws Exception {
        String[] nothing = {"--network=", "-p", "", "--dns=", "--dns-search=", "--dns-option=", "--add-host="};
        for (NetworkKind kind : NetworkKind.values()) {
            assertThat(parsed(nothing).request(kind)).isEqualTo(parsed().request(kind));
        }
    }

    @Test
    void shouldLeaveAMachineWithoutANetworkItsHostsFile() throws Exception {
        NetworkRequest request =
                parsed("--network", "none", "--add-host", "db:127.0.0.1").request(NetworkKind.DEFAULT);
        assertThat(request.enabled()).isFalse();
        assertThat(request.names().hosts()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p=80",
                "--egress=deny",
                "--egress=open",
                "--allow=192.0.2.1",
                "--allow-host-loopback",
                "--ipv6",
                "--dns=192.0.2.53",
                "--dns-search=example.com",
                "--dns-option=ndots:2",
                "--network-bandwidth=10m",
                "--network-pps=1000"
            })
    void shouldRefuseFlagsOfANetworkThatIsNotThere(String flag) {
        assertThatThrownBy(() -> parsed("--network=none", flag).request(NetworkKind.DEFAULT))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(" says nothing of a machine without a network");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "bridge", "slirp4netns", "container:a", "a/b", "..", "a\nb"})
    void shouldRefuseNetworksThereAreNot(String network) {
        assertThatThrownBy(() -> parsed("--network", network).request(NetworkKind.DEFAULT))
                .hasMessage("--network is \"" + network.replace('\n', ' ')
                        + "\"; it must be one of: none, default, or a network made by fcvm network create");
    }

    @Test
    void shouldJoinANetworkByItsNameWithAnOwnWayOutAsAlways() throws Exception {
        assertThat(parsed("--network", "backend", "-p", "8080:80").request(NetworkKind.NONE))
                .isEqualTo(parsed("-p", "8080:80").request(NetworkKind.DEFAULT).joining(new NetworkName("backend")));
    }

    @Test
    void shouldPassRatesOnAsGiven() {
        assertThat(parsed("--network-bandwidth=10m", "--network-pps", "10k", "--disk-bandwidth", "x", "--disk-iops=500")
                        .rates())
                .isEqualTo(new RateFlags(Optional.of("10m"), Optional.of("10k"), Optional.of("x"), Optional.of("500")));
    }

    private static NetworkOptions parsed(String... arguments) {
        var options = new NetworkOptions();
        CommandSpec spec = CommandSpec.create();
        spec.addMixin("network", CommandSpec.forAnnotatedObject(options));
        new CommandLine(spec).setOverwrittenOptionsAllowed(true).parseArgs(arguments);
        return options;
    }
}
