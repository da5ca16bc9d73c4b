package dev.fcvm.machine.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.live.Parked;
import dev.fcvm.settings.Directories;
import dev.fcvm.settings.Mode;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.vmm.VmSpec.Isolation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pools whose machines cannot be made; PoolTest has those whose can. */
@Timeout(30)
final class PoolsTest {

    private static final long GIB = 1L << 30;

    @TempDir
    Path place;

    private Directories directories;
    private PoolStore store;
    private Settings settings;
    private final List<String> log = new ArrayList<>();

    @BeforeEach
    void open() throws FcvmException {
        settings = SettingsReader.read(
                Map.of(),
                Map.of(
                        "HOME",
                        place.toString(),
                        "FCVM_DATA_DIR",
                        place.resolve("data").toString(),
                        "FCVM_KVM",
                        "yes"),
                Path.of("/"));
        directories = settings.directories();
        store = new PoolStore(directories);
    }

    /** A host on which no machine can be made. */
    private record Nothing(long costs, long available) implements Filling {

        @Override
        public Parked fill(PoolRecord pool) throws FcvmException {
            throw new FcvmException(Kind.NOT_FOUND, "there is no snapshot \"" + pool.snapshot() + "\"");
        }

        @Override
        public boolean isOfUse(PoolRecord pool, Parked machine) {
            return true;
        }

        @Override
        public long costs(PoolRecord pool) {
            return costs;
        }
    }

    private Pools pools(Filling filling) throws FcvmException {
        var pools = new Pools(store, log::add);
        pools.begin(filling);
        return pools;
    }

    private PoolRecord workers() throws Exception {
        return PoolRecord.of(
                "workers", "2026-01-02T03:04:05Z", "moment", "0", Optional.empty(), 4, 0, Isolation.ROOTLESS, settings);
    }

    @Test
    void shouldMakeNoPoolOfWhichNoMachineCanBeMade() throws Exception {
        try (Pools pools = pools(new Nothing(1, GIB))) {
            assertThatThrownBy(() -> pools.create(workers())).hasMessage("there is no snapshot \"moment\"");
            assertThat(pools.names()).isEmpty();
            assertThat(pools.count()).isZero();
            assertThat(directories.pools()).isEmptyDirectory();
        }
    }

    @Test
    void shouldSayWhyThereAreFewerMachinesThanThereAreToBe() throws Exception {
        try (Pools pools = pools(new Nothing(GIB, GIB))) {
            PoolView made = pools.create(workers());
            assertThat(made.ready()).isZero();
            assertThat(made.size()).isEqualTo(4);
            assertThat(made.reason()).contains("one more machine takes about 1 GiB", "half of the memory");
            assertThat(pools.views(PoolsTest::fail)).containsExactly(made);
            assertThat(log).singleElement().asString().startsWith("the pool workers has 0 of 4 machines: one more");
            assertThat(pools.take("workers", _ -> true)).isEmpty();
        }
    }

    @Test
    void shouldGoOnInTheNextProcess() throws Exception {
        try (Pools pools = pools(new Nothing(GIB, GIB))) {
            pools.create(workers());
            assertThatThrownBy(() -> pools.create(workers()))
                    .hasMessageContaining("there is a pool \"workers\" already");
            var elsewhere = new Pools(store, log::add);
            assertThat(elsewhere.view("workers").reason()).contains("one more machine");
            assertThatThrownBy(() -> elsewhere.remove("workers")).hasMessageContaining("runs elsewhere");
        }
        var idle = new Pools(store, log::add);
        assertThat(idle.view("workers").reason()).contains("no supervisor keeps it now");
        assertThatThrownBy(() -> idle.create(workers())).hasMessageContaining("leave out FCVM_SUPERVISOR=off");
        try (Pools next = pools(new Nothing(GIB, GIB))) {
            assertThat(next.count()).isEqualTo(1);
            next.remove("workers");
            assertThat(next.count()).isZero();
            assertThat(directories.pools()).isEmptyDirectory();
            assertThatThrownBy(() -> next.remove("workers")).hasMessageContaining("there is no pool \"workers\"");
        }
    }

    @Test
    void shouldKeepItsSnapshotFromBeingRemoved() throws Exception {
        store.create(workers());
        assertThatThrownBy(() -> store.refuseUsed("moment"))
                .hasMessage("the snapshot moment is used by the pool workers; remove that first: fcvm pool rm workers");
        store.refuseUsed("another");
        assertThat(store.used()).containsExactly("moment");
    }

    @Test
    void shouldBeStartedWithWhatItWasMadeWith() throws Exception {
        store.create(workers());
        Settings other = SettingsReader.read(
                Map.of(), Map.of("HOME", place.toString(), "FCVM_MODE", "privileged"), Path.of("/"));
        Settings own = store.find("workers").over(other);
        assertThat(own.mode()).isEqualTo(Mode.ROOTLESS);
        assertThat(own.kvm()).isEqualTo(settings.kvm());
    }

    @Test
    void shouldTellOfOneThatIsDamagedAndRemoveIt() throws Exception {
        store.create(workers());
        for (String damage : List.of("", "{}", "{\"version\":1,\"name\":\"workers\"}", "{\"version\":9}")) {
            Files.writeString(directories.pools().resolve("workers.json"), damage);
            List<FcvmException> damaged = new ArrayList<>();
            try (Pools pools = pools(new Nothing(1, GIB))) {
                assertThat(pools.views(damaged::add)).isEmpty();
            }
            assertThat(damaged)
                    .singleElement()
                    .satisfies(told -> assertThat(told).hasMessageContaining("fcvm pool rm workers"));
        }
        new Pools(store, log::add).remove("workers");
        assertThat(store.names()).isEmpty();
    }

    private static void fail(FcvmException failure) {
        throw new AssertionError(failure);
    }
}
