package dev.fcvm.volume.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.ext4.ImageReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named volumes, and the machines that have them. */
final class VolumeStoreTest {

    private static final VolumeName DATA = new VolumeName("data");
    private static final Optional<DataSize> SMALL = Optional.of(new DataSize(32L << 20));

    @TempDir
    Path place;

    private VolumeStore store;

    /** A machine with a journal. */
    private record Owner(MachineId id, Journal journal) {}

    @BeforeEach
    void openStore() {
        store = new VolumeStore(place.resolve("volumes"), Clock.systemUTC());
    }

    private Owner machine() throws Exception {
        MachineId id = MachineId.random();
        Path directory = Files.createDirectory(place.resolve(id.value()));
        return new Owner(id, Journal.open(directory.resolve("journal"), VolumeMapping.kinds()));
    }

    private Path attach(Owner machine, boolean readOnly) throws Exception {
        return store.attach(DATA, SMALL, readOnly, machine.id(), machine.journal());
    }

    @Test
    void shouldMakeAVolumeWithNothingInIt() throws Exception {
        store.create(DATA, SMALL, List.of("a=b"), false);

        VolumeStore.Found found = store.find(DATA);
        assertThat(found.what().labels()).containsExactly("a=b");
        assertThat(found.machines()).isEmpty();
        try (ImageReader reader = ImageReader.open(found.disk())) {
            assertThat(reader.names(reader.root())).isEmpty();
            assertThat(reader.root().uid()).isZero();
            assertThat(reader.root().mode()).isEqualTo(0755);
        }
        assertThatThrownBy(() -> store.create(DATA, SMALL, List.of(), false)).hasMessageContaining("already exists");
        store.create(DATA, SMALL, List.of(), true);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void shouldBeForOneThatWritesOrSeveralThatRead() throws Exception {
        Owner writer = machine();
        Owner other = machine();
        attach(writer, false);
        assertThatThrownBy(() -> attach(other, false))
                .hasMessageContaining(writer.id().brief());
        assertThatThrownBy(() -> attach(other, true)).hasMessageContaining("may write");
        assertThatThrownBy(() -> store.remove(DATA)).hasMessageContaining("being used");

        writer.journal().releaseAll();
        Owner third = machine();
        attach(other, true);
        attach(third, true);
        assertThatThrownBy(() -> attach(writer, false)).hasMessageContaining("which reads it");

        other.journal().releaseAll();
        third.journal().releaseAll();
        store.remove(DATA);
        assertThatThrownBy(() -> store.find(DATA)).hasMessageContaining("no such volume");
    }

    @Test
    void shouldForgetAMachineThatIsGoneWithItsJournal() throws Exception {
        Owner gone = machine();
        attach(gone, false);
        Files.delete(gone.journal().file());

        assertThat(store.find(DATA).machines()).isEmpty();
        attach(machine(), false);
    }

    @Test
    void shouldRefuseAVolumeTooSmallForAFileSystem() throws Exception {
        assertThatThrownBy(() -> store.create(new VolumeName("tiny"), Optional.of(new DataSize(1)), List.of(), false))
                .hasMessageContaining("16 MiB or more");
    }
}
