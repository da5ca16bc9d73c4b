package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The base from Debian's packages themselves: as root and as an ordinary user, the same to the byte.
 * It needs Debian's mirror and some minutes.
 */
@Tag("machine")
class PackagesTest {

    private static final Duration DEADLINE = Duration.ofMinutes(15);

    @AutoClose
    private final Place place = Place.make();

    @AutoClose
    private final Place others = Place.make();

    @Test
    void shouldGiveAnOrdinaryUserTheSameBytesAsRoot() {
        assumeTrue(OrdinaryUser.possible(), "needs root to make a user");
        ScriptTree root = ScriptTree.bare(place);
        ScriptTree theirs = ScriptTree.bare(others);
        try (OrdinaryUser user = OrdinaryUser.make()) {
            Child.of("chown", "-R", user.name() + ":", others.root().toString())
                    .run()
                    .expect(0);
            root.call("fcvm-init.sh").deadline(DEADLINE).run().expect(0);
            theirs.call(user.prefix(), "fcvm-init.sh")
                    .env("HOME", "/nonexistent")
                    .deadline(DEADLINE)
                    .run()
                    .expect(0);
        }

        assertThat(theirs.unfinished()).isEmpty();
        for (Path file : List.of(Path.of("vmlinux"), Path.of("initramfs.img"), Path.of("rootfs.ext4"))) {
            assertThat(ScriptTree.digest(theirs.image(file.toString())))
                    .as(file.toString())
                    .isEqualTo(ScriptTree.digest(root.image(file.toString())));
        }
    }
}
