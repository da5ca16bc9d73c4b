package dev.fcvm.volume.nfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client of NFS may be given: file systems, and no parts of them. */
class FileSystemsTest {

    private static final List<String> TABLE = List.of(
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "40 22 8:2 / /srv/data rw,relatime shared:2 - xfs /dev/sdb1 rw",
            "41 22 8:1 /home/a /srv/bound rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "42 22 8:3 / /srv/with\\040a\\040space rw,relatime - ext4 /dev/sdc1 rw",
            "43 22 0:31 /vol /srv/subvolume rw,relatime - btrfs /dev/sdd1 rw,subvol=/vol",
            "44 22 8:4 / /srv/hidden rw,relatime - ext4 /dev/sde1 rw",
            "45 44 8:1 /home/b /srv/hidden rw,relatime - ext4 /dev/sda1 rw",
            "a line that is none");

    @ParameterizedTest
    @CsvSource({
        "/srv/data, xfs",
        "/srv/with a space, ext4",
        "/, ext4",
        "/srv/data/part, ''",
        "/srv/bound, ''",
        "/srv/subvolume, ''",
        "/srv/hidden, ''",
        "/srv, ''",
    })
    void shouldKnowAWholeFileSystemFromAPartOfOne(String directory, String kind) {
        assertThat(FileSystems.kindOf(Path.of(directory), TABLE)).isEqualTo(kind);
    }

    @Test
    void shouldRefuseAPartAndSayWhatToUse(@TempDir Path part) {
        assertThatThrownBy(() -> FileSystems.requireWhole(part, "/x"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("it is a part of a file system")
                .hasMessageContaining("mode=sshfs");
    }

    @Test
    void shouldRefuseWhatTheKernelMakesUp() {
        assertThatThrownBy(() -> FileSystems.requireWhole(Path.of("/proc"), "/x"))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("mode=sshfs");
    }
}
