package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** That {@code scripts/check-kernel-config.sh} names every option that Kconfig dropped without a word. */
class KernelConfigTest {

    private static final String BUILT = """
            # Linux/x86 6.12.57 Kernel Configuration
            CONFIG_PVH=y
            CONFIG_NR_CPUS=64
            CONFIG_LOCALVERSION="-fcvm"
            # CONFIG_MODULES is not set
            CONFIG_VIRTIO_BLK=m
            """;

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);

    @Test
    void shouldAcceptAConfigurationThatHasEveryOption() {
        Outcome outcome = check("""
                # why it is needed
                CONFIG_PVH=y
                CONFIG_NR_CPUS=64
                CONFIG_LOCALVERSION="-fcvm"

                # CONFIG_MODULES is not set
                # CONFIG_NEVER_HEARD_OF is not set
                """);

        assertThat(outcome.expect(0).err()).isEmpty();
    }

    @Test
    void shouldNameEveryOptionThatDidNotTake() {
        Outcome outcome = check("""
                CONFIG_PVH=y
                CONFIG_VMGENID=y
                CONFIG_NR_CPUS=32
                CONFIG_VIRTIO_BLK=y
                CONFIG_MODULES=y
                # CONFIG_PVH is not set
                """);

        assertThat(outcome.expect(1).err())
                .contains("CONFIG_VMGENID=y did not take: it is not set")
                .contains("CONFIG_NR_CPUS=32 did not take: it is 64")
                .contains("CONFIG_VIRTIO_BLK=y did not take: it is m")
                .contains("CONFIG_MODULES=y did not take: it is not set")
                .contains("CONFIG_PVH=n did not take: it is y")
                .hasLineCount(6);
    }

    @Test
    void shouldRefuseALineThatIsNoOption() {
        assertThat(check("CONFIG_PVH=y\nCONFIG_VMGENID\n").expect(1).err())
                .contains(":2: not an option: CONFIG_VMGENID");
    }

    @Test
    void shouldRefuseAFragmentWithoutOptions() {
        assertThat(check("# nothing\n").expect(1).err()).contains("no option in the fragment");
        assertThat(check("").expect(1).err()).contains("no option in the fragment");
    }

    @Test
    void shouldReadTheFragmentOfThisProject() {
        Path fragment = tree.home().resolve("config/kernel.config");

        tree.call("check-kernel-config.sh", fragment.toString(), fragment.toString())
                .run()
                .expect(0);
    }

    private Outcome check(String fragment) {
        return tree.call(
                        "check-kernel-config.sh",
                        place.file("fragment", fragment).toString(),
                        place.file("built", BUILT).toString())
                .run();
    }
}
