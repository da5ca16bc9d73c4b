package dev.fcvm.net.privileged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.settings.NetworkPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkClaimsTest {

    /** For documentation (RFC 5737): no host has it. */
    private static final NetworkPool POOL = NetworkPool.parse("192.0.2.0/28").orElseThrow();

    private static final long NO_PROCESS = 4_194_305; // above the largest there can be

    @TempDir
    Path directory;

    private Path place;
    private NetworkClaims claims;

    @BeforeEach
    void makeThem() {
        place = directory.resolve("networks");
        claims = new NetworkClaims(place);
    }

    @Test
    void shouldGiveEachMachineItsOwnUntilThereIsNoneLeft() throws Exception {
        List<NetworkClaims.Claim> all = new ArrayList<>();
        Set<MachineNetwork> different = new HashSet<>();
        for (int count = 0; count < POOL.size(); count++) {
            NetworkClaims.Claim claim = claim();
            all.add(claim);
            different.add(claim.network());
        }

        assertThat(different).hasSize(4);
        assertThatThrownBy(this::claim)
                .isInstanceOf(FcvmException.class)
                .hasMessage("all 4 networks for machines in 192.0.2.0/28 are in use:"
                        + " set FCVM_NETWORK_POOL to a larger network");
        all.get(2).close();
        try (NetworkClaims.Claim again = claim()) {
            assertThat(again.network()).isEqualTo(all.get(2).network());
        }
        all.remove(2);
        for (NetworkClaims.Claim claim : all) {
            claim.close();
        }
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).containsExactly(place.resolve("lock"));
        }
    }

    @Test
    void shouldTakeOverWhatADeadProcessHadOnlyWhenThereIsNoneLeftAndClearedItBefore() throws Exception {
        Files.createDirectories(place);
        MachineNetwork dead = new MachineNetwork(POOL.network(1));
        String holder = MachineId.random().value() + "." + NO_PROCESS;
        Files.createFile(place.resolve(holder));
        Files.createSymbolicLink(place.resolve(dead.host().getHostAddress()), Path.of(holder));
        List<MachineNetwork> cleared = new ArrayList<>();
        List<NetworkClaims.Claim> all = new ArrayList<>();
        for (int count = 0; count < POOL.size(); count++) {
            assertThat(cleared).isEmpty();
            all.add(claims.claim(MachineId.random(), POOL, network -> {}, cleared::add));
        }

        assertThat(cleared).containsExactly(dead);
        assertThat(all.getLast().network()).isEqualTo(dead);
        assertThat(place.resolve(holder)).doesNotExist();
        for (NetworkClaims.Claim claim : all) {
            claim.close();
        }
    }

    @Test
    void shouldClaimNothingWhatIsNotWrittenDownBefore() throws Exception {
        assertThatThrownBy(() -> claims.claim(
                        MachineId.random(),
                        POOL,
                        network -> {
                            throw new IOException("disk full");
                        },
                        network -> {}))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("disk full");
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).containsExactly(place.resolve("lock"));
        }
    }

    @Test
    void shouldKnowWhoseANetworkIs() throws Exception {
        MachineId machine = MachineId.random();
        NetworkClaims.Claim claim = claims.claim(machine, POOL, network -> {}, network -> {});

        assertThat(claims.holder(claim.network())).contains(machine.value());
        claim.close();
        assertThat(claims.holder(claim.network())).isEmpty();
    }

    @Test
    void shouldRefuseAPoolTheHostUsesButNotForItsOwnMachinesOrAWiderNetwork() throws Exception {
        String head = """
                Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
                eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
                tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
                fcvm0ae70004\t0400E70A\t00000000\t0001\t0\t0\t0\tFCFFFFFF\t0\t0\t0
                """;
        Path routes = Files.writeString(directory.resolve("route"), head);
        assertThatCode(() -> NetworkClaims.refuseForeignRoutes(NetworkPool.STANDARD, routes))
                .doesNotThrowAnyException();

        Files.writeString(routes, head + "br0\t0007E70A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
        assertThatThrownBy(() -> NetworkClaims.refuseForeignRoutes(NetworkPool.STANDARD, routes))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith(
                        "the host uses 10.231.7.0/24, a part of the addresses for machines, 10.231.0.0/16, on br0")
                .hasMessageContaining("FCVM_NETWORK_POOL");
    }

    private NetworkClaims.Claim claim() throws Exception {
        return claims.claim(MachineId.random(), POOL, network -> {}, network -> {});
    }
}
