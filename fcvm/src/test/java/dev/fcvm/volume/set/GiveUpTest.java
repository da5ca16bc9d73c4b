package dev.fcvm.volume.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Tool;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.SyncMode;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.ext4.ImageReader;
import dev.fcvm.volume.named.VolumeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of changes that cannot come back when their machine is removed by force. */
final class GiveUpTest {

    private final MachineId machine = MachineId.random();

    @TempDir
    Path place;

    private Path source;
    private Path directory;
    private Journal journal;
    private VolumeStore volumes;
    private Mapping.HostDirectory wanted;
    private MappingPlace mappingPlace;

    @BeforeEach
    void copyADirectory() throws Exception {
        source = Files.createDirectory(place.resolve("source"));
        Files.writeString(source.resolve("file"), "content");
        directory = Files.createDirectories(place.resolve("data/machines/one"));
        journal = Journal.open(directory.resolve("journal"), MachineMappings.kinds());
        volumes = new VolumeStore(place.resolve("data/volumes"), Clock.systemUTC());
        Settings settings =
                SettingsReader.read(Map.of(), Map.of("HOME", "/", "FCVM_DATA_DIR", place + "/data"), Path.of("/"));
        wanted = new Mapping.HostDirectory(
                "/data",
                source,
                false,
                MapMode.BLOCK,
                Optional.empty(),
                SyncMode.BACK,
                false,
                Optional.empty(),
                List.of());
        mappingPlace =
                new MappingPlace(machine, "one", directory, directory, false, true, settings, journal, line -> {});
        MachineMappings.prepare(List.of(wanted), mappingPlace);
    }

    private Path image() {
        return directory.resolve("mapping-0.ext4");
    }

    @Test
    void shouldKeepWhatTheMachineChangedAsAVolumeWhenItsDirectoryIsGone() throws Exception {
        Tool.named("debugfs", "e2fsprogs")
                .with("-w", "-R", "symlink made file", image().toString())
                .run();
        DirectoryTree.delete(source);
        assertThatThrownBy(journal::releaseAll)
                .hasMessageContaining("no such file or directory")
                .hasMessageContaining("fcvm rm -f " + machine.brief());

        List<String> told = MachineMappings.giveUp(machine, journal, volumes);

        String name = "lost-" + machine.brief() + "-0";
        assertThat(told).singleElement().asString().contains(source.toString(), "fcvm volume export -o FILE " + name);
        VolumeStore.Found kept = volumes.find(new VolumeName(name));
        assertThat(kept.what().labels()).containsExactly("fcvm.copy-of=" + source);
        assertThat(kept.what().size()).isEqualTo(Files.size(kept.disk()));
        try (ImageReader reader = ImageReader.open(kept.disk())) {
            assertThat(reader.names(reader.root())).containsOnlyKeys("file", "made");
        }
        assertThat(journal.isEmpty()).isTrue();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldKeepNothingOfACopyThatTheMachineDidNotChange() throws Exception {
        DirectoryTree.delete(source);

        assertThat(MachineMappings.giveUp(machine, journal, volumes)).isEmpty();

        assertThat(volumes.list()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    /** The first copy is whole, and no machine will ever have it. */
    @Test
    void shouldLeaveNothingOfCopiesWhenOneOfThemCannotBeMade() throws Exception {
        journal.releaseAll();
        var small = new Mapping.HostDirectory(
                "/small",
                source,
                false,
                MapMode.BLOCK,
                Optional.of(new DataSize(1024)),
                SyncMode.BACK,
                false,
                Optional.empty(),
                List.of());

        assertThatThrownBy(() -> MachineMappings.prepare(List.of(wanted, small), mappingPlace))
                .hasMessageContaining("too large for size=1024 bytes");

        assertThat(journal.isEmpty()).isTrue();
        assertThat(directory).isEmptyDirectory();
    }
}
