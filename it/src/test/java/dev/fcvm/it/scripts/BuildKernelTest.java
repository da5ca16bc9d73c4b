package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code scripts/build-kernel.sh} up to the compiler, whose minutes are not for a test. It needs Debian's mirror, 2 GB
 * and about a minute.
 */
@Tag("machine")
class BuildKernelTest {

    private static final Duration DEADLINE = Duration.ofMinutes(9);

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);

    @Test
    void shouldFindEveryOptionInDebiansKernelOrNameTheOneThatIsNot() throws IOException {
        tree.call("build-kernel.sh", "--config-only").deadline(DEADLINE).run().expect(0);

        Path fragment = tree.home().resolve("config/kernel.config");
        Files.writeString(fragment, "CONFIG_NO_KERNEL_HAS_THIS=y\n", StandardOpenOption.APPEND);
        Outcome again = tree.call("build-kernel.sh", "--config-only")
                .deadline(DEADLINE)
                .run()
                .expect(1);

        assertThat(again.err()).contains("CONFIG_NO_KERNEL_HAS_THIS=y did not take: it is not set");
        assertThat(again.out()).contains("configured").doesNotContain("fetched", "unpacked");
        assertThat(tree.image("vmlinux-fcvm")).doesNotExist();
        assertThat(tree.unfinished()).isEmpty();
        // Ninety thousand files: more than is removed in the time that a place takes for it.
        Child.of("rm", "-rf", tree.data().toString()).deadline(DEADLINE).run().expect(0);
    }

    @Test
    void shouldDoNothingWhenTheKernelIsThere() {
        // As the script itself would have left it; another fragment is another kernel.
        String finish = ". scripts/lib.sh; load_settings; mkdir -p $D/images; echo built >$D/k;"
                + " finish $D/k $D/images/vmlinux-fcvm $(digest_of kernel-1 linux-source-6.12 $FCVM_ROOTFS_SUITE \"\" config/kernel.config)";
        Child.of("bash", "-c", finish)
                .in(tree.home())
                .env("FCVM_DATA_DIR", tree.data().toString())
                .run()
                .expect(0);

        Outcome outcome = tree.call("build-kernel.sh").run().expect(0);

        assertThat(outcome.out()).contains("is up to date").hasLineCount(1);
        assertThat(tree.image("vmlinux-fcvm")).hasContent("built");
    }
}
