package dev.fcvm.volume.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.ext4.OddTree;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes as archives, with tar(1) and e2fsck(8) as judges. */
final class VolumeArchivesTest {

    private static final VolumeName DATA = new VolumeName("data");
    private static final DataSize NO_FLOOR = new DataSize(0);

    /** All of a tree: names, kinds, modes, owners, sizes, times to the nanosecond, where links lead, what is in files. */
    private static final String LIST = "cd \"$0\" && { find . -mindepth 1 -printf '%P %y %m %U:%G %n %l %T@ %s\\n' |"
            + " sed 's/^\\([^ ]* d .*\\) [0-9]*$/\\1/'; getfattr -R -h -d -m user . ; find . -type f -size -1000M -print0 | sort -z |"
            + " xargs -0 md5sum; } | LC_ALL=C sort";

    @TempDir
    Path place;

    private VolumeStore store;
    private VolumeArchives archives;

    @BeforeEach
    void make() throws Exception {
        store = new VolumeStore(place.resolve("volumes"), Clock.systemUTC());
        archives = new VolumeArchives(store);
        store.create(DATA, Optional.of(new DataSize(64L << 20)), List.of(), false);
    }

    private static String shell(String script, Path argument) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", script, argument.toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private void importing(Path archive) throws Exception {
        try (InputStream in = Files.newInputStream(archive)) {
            archives.read(DATA, in, NO_FLOOR);
        }
    }

    private Path exported() throws Exception {
        Path file = place.resolve("out.tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            archives.write(DATA, out);
        }
        Path there = Files.createDirectory(place.resolve("out"));
        shell("cd \"$0\" && tar -xpf ../out.tar --xattrs --xattrs-include='user.*' --numeric-owner", there);
        return there;
    }

    private void refuses(Path archive, String why) throws Exception {
        Path disk = store.find(DATA).disk();
        byte[] before = shell("md5sum \"$0\"", disk).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> importing(archive))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(why);
        assertThat(shell("md5sum \"$0\"", disk).getBytes(StandardCharsets.UTF_8))
                .isEqualTo(before);
        try (Stream<Path> left = Files.list(disk.resolveSibling("."))) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("disk.ext4", "volume.json", "machines", ".work");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=pax --sparse", "--format=gnu --gzip"})
    void shouldTakeInWhatTarWritesAndGiveItBackToTarUnchanged(String how) throws Exception {
        Path tree = Files.createDirectory(place.resolve("tree"));
        OddTree.make(tree);
        boolean all = how.contains("sparse");
        if (!all) {
            Files.delete(tree.resolve("sparse")); // it would be written out
        }
        String kept = how.contains("pax") ? "--xattrs" : "--no-xattrs";
        shell("cd \"$0\" && tar -cf ../in.tar --numeric-owner " + how + " " + kept + " .", tree);

        importing(place.resolve("in.tar"));

        assertThat(shell("e2fsck -fn \"$0\"", store.find(DATA).disk())).contains("fcvm-volume");
        Path back = exported();
        String list = how.contains("pax")
                ? LIST
                // The old form has whole seconds and no attributes.
                : LIST.replace("%T@", "%TY%Tm%Td%TH%TM").replace("getfattr -R -h -d -m user . ;", "");
        assertThat(shell(list, back)).isEqualTo(shell(list, tree));
        if (all) {
            assertThat(shell("stat -c %b \"$0/sparse\"", back).strip())
                    .as("blocks of the sparse file")
                    .isIn("8", "16", "24");
        }
    }

    @Test
    void shouldPutAnArchiveOverWhatIsThere() throws Exception {
        Path first = Files.createDirectory(place.resolve("first"));
        shell(
                "cd \"$0\" && mkdir -p a/b && echo old >a/changed && echo stays >a/b/stays && echo f >was && tar -cf ../1.tar .",
                first);
        importing(place.resolve("1.tar"));
        Path second = Files.createDirectory(place.resolve("second"));
        shell(
                "cd \"$0\" && mkdir -p a was && echo new >a/changed && echo in >was/in && ln a/changed again"
                        + " && tar -cf ../2.tar a was again",
                second);
        importing(place.resolve("2.tar"));

        Path back = exported();
        assertThat(back.resolve("a/changed")).hasContent("new");
        assertThat(back.resolve("a/b/stays")).hasContent("stays");
        assertThat(back.resolve("was/in")).hasContent("in");
        assertThat(Files.getAttribute(back.resolve("again"), "unix:ino"))
                .isEqualTo(Files.getAttribute(back.resolve("a/changed"), "unix:ino"));
    }

    @Test
    void shouldImportNothingOfAnArchiveThatIsNotWholeOrLeadsOut() throws Exception {
        Path tree = Files.createDirectory(place.resolve("tree"));
        shell(
                "cd \"$0\" && echo x >file && ln -s /etc link && tar -cf ../good.tar file"
                        + " && tar -cPf ../up.tar --transform='s,^file,../file,' file"
                        + " && tar -cf ../through.tar link && tar -rf ../through.tar --transform='s,^file,link/file,' file"
                        + " && head -c 700 ../good.tar >../cut.tar && head -c 2000 /dev/urandom >../noise.tar"
                        + " && xz -k ../good.tar && head -c 80000000 /dev/zero | tr '\\0' x >big && tar -cf ../big.tar big",
                tree);

        refuses(place.resolve("up.tar"), "leads out of the volume");
        refuses(place.resolve("through.tar"), "is no directory");
        refuses(place.resolve("cut.tar"), "cut off");
        refuses(place.resolve("noise.tar"), "no tar archive");
        refuses(place.resolve("good.tar.xz"), "only gzip is known");
        refuses(place.resolve("big.tar"), "too small");
        refuses(Files.createFile(place.resolve("nothing")), "cut off");
    }

    @Test
    void shouldKeepTheHostsDiskFromFillingUp() {
        assertThatThrownBy(() ->
                        archives.read(DATA, new ByteArrayInputStream(new byte[10240]), new DataSize(Long.MAX_VALUE)))
                .hasMessageContaining("must stay so (FCVM_DISK_FLOOR)");
    }

    @Test
    void shouldNotTouchAVolumeThatAMachineHas() throws Exception {
        MachineId id = MachineId.random();
        Journal journal =
                Journal.open(Files.createDirectory(place.resolve("machine")).resolve("journal"), VolumeMapping.kinds());
        store.attach(DATA, Optional.empty(), false, id, journal);

        assertThatThrownBy(() -> archives.write(DATA, OutputStream.nullOutputStream()))
                .hasMessageContaining("in use by machine " + id.brief());
        journal.releaseAll();
        store.attach(DATA, Optional.empty(), true, id, journal);
        archives.write(DATA, OutputStream.nullOutputStream());
        assertThatThrownBy(() -> archives.read(DATA, InputStream.nullInputStream(), NO_FLOOR))
                .hasMessageContaining("which reads it");
        journal.releaseAll();
    }

    @Test
    void shouldLetAVolumeGrowWithWhatIsInIt() throws Exception {
        Path tree = Files.createDirectory(place.resolve("tree"));
        shell("cd \"$0\" && echo kept >file && tar -cf ../in.tar .", tree);
        importing(place.resolve("in.tar"));

        store.create(DATA, Optional.of(new DataSize(256L << 20)), List.of(), true);

        VolumeStore.Found grown = store.find(DATA);
        assertThat(grown.what().size()).isEqualTo(256L << 20);
        assertThat(Files.size(grown.disk())).isEqualTo(256L << 20);
        // What the guest's agent does before it mounts one.
        shell("(e2fsck -fp \"$0\" || [ $? -eq 1 ]) && resize2fs \"$0\" && e2fsck -fn \"$0\"", grown.disk());
        assertThat(exported().resolve("file")).hasContent("kept");
        store.create(DATA, Optional.of(new DataSize(16L << 20)), List.of(), true);
        assertThat(store.find(DATA).what().size()).isEqualTo(256L << 20);
    }
}
