package dev.fcvm.volume.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.IdMap;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingDocument;
import dev.fcvm.volume.SyncMode;
import dev.fcvm.volume.VolumeName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of mappings, in fcvm's words and in Podman's. */
final class MappingFlagsTest {

    private static final Path HERE = Path.of("/here");

    private static MappingFlags.Read read(List<String> maps, List<String> volumes, List<String> mounts)
            throws FcvmException {
        return new MappingFlags(Optional.empty(), HERE::resolve).read(maps, volumes, mounts);
    }

    private static Mapping.HostDirectory plain(String source, String target) {
        return new Mapping.HostDirectory(
                target,
                Path.of(source),
                false,
                MapMode.BLOCK,
                Optional.empty(),
                SyncMode.BACK,
                false,
                Optional.empty(),
                List.of());
    }

    @Test
    void shouldReadTheSameFromEachSpelling() throws Exception {
        var wanted = List.<Mapping>of(plain("/a", "/b"));

        assertThat(read(List.of("/a:/b"), List.of(), List.of()).mappings()).isEqualTo(wanted);
        assertThat(read(List.of(), List.of("/a:/b"), List.of()).mappings()).isEqualTo(wanted);
        assertThat(read(List.of(), List.of("/a:/b:rw,z"), List.of()).mappings()).isEqualTo(wanted);
        assertThat(read(List.of(), List.of(), List.of("type=bind,src=/a,dst=/b"))
                        .mappings())
                .isEqualTo(wanted);
        assertThat(read(List.of(), List.of(), List.of("type=bind,source=/a,target=/b,ro=false"))
                        .mappings())
                .isEqualTo(wanted);
    }

    @Test
    void shouldReadEveryWordOfAMap() throws Exception {
        assertThat(read(List.of("data:/b/:ro,mode=nfs,size=2g,sync=none,create=true,idmap=user"), List.of(), List.of())
                        .mappings())
                .containsExactly(new Mapping.HostDirectory(
                        "/b",
                        Path.of("/here/data"),
                        true,
                        MapMode.NFS,
                        Optional.of(new DataSize(2L << 30)),
                        SyncMode.NONE,
                        true,
                        Optional.of(IdMap.USER),
                        List.of()));
    }

    @Test
    void shouldTakeWhatHasNoSlashOrDotForAVolume() throws Exception {
        var volume = new Mapping.Volume("/d", new VolumeName("data"), true, Optional.empty(), false, List.of("nosuid"));

        assertThat(read(List.of(), List.of("data:/d:ro,nocopy,nosuid"), List.of())
                        .mappings())
                .containsExactly(volume);
        assertThat(read(List.of(), List.of("./data:/d"), List.of()).mappings())
                .containsExactly(plain("/here/./data", "/d"));
    }

    @Test
    void shouldLeaveToPodmanWhatLiesInTheMachine() throws Exception {
        MappingFlags.Read read = read(
                List.of(), List.of("/anonymous/"), List.of("type=tmpfs,dst=/t,tmpfs-size=1m", "type=volume,dst=/v"));

        assertThat(read.mappings()).isEmpty();
        assertThat(read.podman())
                .containsExactly(
                        "--volume=/anonymous", "--mount=type=tmpfs,dst=/t,tmpfs-size=1m", "--mount=type=volume,dst=/v");
    }

    @Test
    void shouldReadQuotedFieldsOfAMountAsPodmanDoes() throws Exception {
        assertThat(read(List.of(), List.of(), List.of("type=bind,\"src=/a,b\",dst=/c,U=true"))
                        .mappings())
                .containsExactly(new Mapping.HostDirectory(
                        "/c",
                        Path.of("/a,b"),
                        false,
                        MapMode.BLOCK,
                        Optional.empty(),
                        SyncMode.BACK,
                        false,
                        Optional.empty(),
                        List.of("U")));
    }

    @Test
    void shouldUseTheModeThatIsNamedForAll() throws Exception {
        var flags = new MappingFlags(Optional.of("sshfs"), HERE::resolve);

        assertThat(flags.read(List.of("/a:/b"), List.of("/c:/d"), List.of()).mappings())
                .allMatch(mapping ->
                        mapping instanceof Mapping.HostDirectory directory && directory.mode() == MapMode.SSHFS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/a            | it must be HOST:GUEST",
                ":/b           | it must be HOST:GUEST",
                "/a:b          | must be absolute",
                "/a:/          | may not be /",
                "/a:/b/..      | may not be /",
                "/a:/b:        | a word is missing",
                "/a:/b,what=1  | invalid option",
                "/a:/b:sideways | invalid option",
                "/a:/b:ro,rw   | both read-only and not",
                "/a:/b,size=0  | such as 512m",
                "/a:/b,sync=up | back or none",
                "/a:/b,idmap=1 | host or user",
                "/a:/b,create=maybe | true or false"
            })
    void shouldRefuseAMapThatMakesNoSense(String value, String reason) {
        assertThatThrownBy(() -> read(List.of(value), List.of(), List.of()))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("--map " + value + ": ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a:/b:/c:/d", "a b:/c", "name:b", ":/b", "name:/b:create", "/a:/b:what", "relative"})
    void shouldRefuseAVolumeThatMakesNoSense(String value) {
        assertThatThrownBy(() -> read(List.of(), List.of(value), List.of())).isInstanceOf(FcvmException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type=bind,dst=/b",
                "type=bind,src=/a",
                "type=image,src=x,dst=/b",
                "type=warp,dst=/b",
                "type=bind,src=/a,dst=/b,what",
                "type=bind,\"src=/a,dst=/b",
                "type=volume,src=v,dst=/b,sync=back"
            })
    void shouldRefuseAMountThatMakesNoSense(String value) {
        assertThatThrownBy(() -> read(List.of(), List.of(), List.of(value))).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldTakeTheSameSaidTwiceForOne() throws Exception {
        assertThat(read(List.of(), List.of("/a:/b", "/a:/b"), List.of()))
                .isEqualTo(read(List.of(), List.of("/a:/b"), List.of()));
    }

    @Test
    void shouldRefuseToGiveAwayFilesThatMayNotBeChanged() {
        for (String volume : List.of("/a:/b:ro,U", "name:/b:U,ro")) {
            assertThatThrownBy(() -> read(List.of(), List.of(volume), List.of()))
                    .hasMessageContaining("/b: U gives its files");
        }
        assertThatThrownBy(() -> read(List.of(), List.of(), List.of("type=bind,src=/a,dst=/b,U=true,ro")))
                .hasMessageContaining("/b: U gives its files");
    }

    @Test
    void shouldRefuseTwoForOnePath() {
        assertThatThrownBy(() -> read(List.of("/a:/b"), List.of("v:/b/"), List.of()))
                .hasMessage("/b: duplicate mount destination");
    }

    @Test
    void shouldWriteDownWhatAMachineIsStartedWithAgain() throws Exception {
        for (Mapping mapping : read(
                        List.of("/a:/b:ro,size=1g,sync=none,idmap=host", "/c:/d"),
                        List.of("v:/e:nocopy,nodev"),
                        List.of())
                .mappings()) {
            assertThat(MappingDocument.of(mapping).mapping()).isEqualTo(mapping);
        }
    }
}
