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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkClaimsTest {

    /** For documentation (RFC 5737): no host has it. */
    private static final NetworkPool POOL = NetworkPool.parse("192.0.2.0/28").orElseThrow();

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
        List<MachineNetwork> all = new ArrayList<>();
        for (int count = 0; count < POOL.size(); count++) {
            all.add(claim(machine()));
        }

        assertThat(Set.copyOf(all)).hasSize(4);
        assertThatThrownBy(() -> claim(machine()))
                .isInstanceOf(FcvmException.class)
                .hasMessage("all 4 networks for machines in 192.0.2.0/28 are in use:"
                        + " set FCVM_NETWORK_POOL to a larger network");
        claims.release(all.get(2));
        assertThat(claim(machine())).isEqualTo(all.get(2));
        for (MachineNetwork network : all) {
            claims.release(network);
        }
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).containsExactly(place.resolve("lock"));
        }
    }

    /** Its supervisor may have been killed; its claim is given back by whoever takes it over. */
    @Test
    void shouldTakeOverWhatAMachineHadOnlyWhenItsDirectoryIsGoneAndThereIsNoneLeft() throws Exception {
        Path gone = machine();
        MachineNetwork its = claim(gone);
        Path there = machine();
        MachineNetwork kept = claim(there);
        Files.delete(gone);
        List<MachineNetwork> cleared = new ArrayList<>();
        for (int count = 0; count < 2; count++) {
            claims.claim(machine(), POOL, Optional.empty(), network -> {}, cleared::add);
            assertThat(cleared).isEmpty();
        }

        Path next = machine();
        assertThat(claims.claim(next, POOL, Optional.empty(), network -> {}, cleared::add))
                .isEqualTo(its);
        assertThat(cleared).containsExactly(its);
        assertThat(claims.isOf(its, next)).isTrue();
        assertThat(claims.isOf(kept, there)).isTrue();
    }

    @Test
    void shouldGiveAMachineTheOneItHadBeforeUnlessAnotherHasItByNow() throws Exception {
        Path machine = machine();
        for (int index = 0; index < POOL.size(); index++) {
            MachineNetwork before = new MachineNetwork(POOL.network(index));
            MachineNetwork again = claims.claim(machine, POOL, Optional.of(before), network -> {}, network -> {});
            assertThat(again).isEqualTo(before);
            claims.release(again);
        }
        MachineNetwork taken = claim(machine());
        assertThat(claims.claim(machine, POOL, Optional.of(taken), network -> {}, network -> {}))
                .isNotEqualTo(taken);
        MachineNetwork elsewhere = new MachineNetwork(NetworkPool.STANDARD.network(0));
        assertThat(claims.claim(machine, POOL, Optional.of(elsewhere), network -> {}, network -> {}))
                .isNotEqualTo(elsewhere);
    }

    @Test
    void shouldClaimNothingWhatIsNotWrittenDownBefore() throws Exception {
        assertThatThrownBy(() -> claims.claim(
                        machine(),
                        POOL,
                        Optional.empty(),
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

    private Path machine() throws IOException {
        return Files.createDirectory(directory.resolve(MachineId.random().value()));
    }

    private MachineNetwork claim(Path machine) throws Exception {
        return claims.claim(machine, POOL, Optional.empty(), network -> {}, network -> {});
    }
}
