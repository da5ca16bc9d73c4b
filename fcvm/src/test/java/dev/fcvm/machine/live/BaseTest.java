package dev.fcvm.machine.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernel a machine boots, of those that the base may hold. */
class BaseTest {

    @TempDir
    Path data;

    private Path images = Path.of("/");

    @BeforeEach
    void makeABase() throws IOException {
        images = Files.createDirectories(data.resolve("images"));
        Files.writeString(
                images.resolve("base.json"), "{\"version\":1,\"kernelRelease\":\"6.12.57\",\"suite\":\"trixie\"}");
        Files.writeString(images.resolve("vmlinux"), "\177ELF stock");
    }

    @Test
    void shouldBootTheStockKernelWhereNoOtherIs() throws FcvmException {
        assertThat(find(Map.of()).kernel()).isEqualTo(images.resolve("vmlinux"));
    }

    @Test
    void shouldPreferTheKernelThatWasBuiltForIt() throws Exception {
        Path built = Files.writeString(images.resolve("vmlinux-fcvm"), "\177ELF small");

        Base base = find(Map.of());

        assertThat(base.kernel()).isEqualTo(built);
        assertThat(base.initramfs()).isEqualTo(images.resolve("initramfs.img"));
    }

    @Test
    void shouldBootTheUsersOwnKernelBeforeTheOneThatWasBuilt() throws Exception {
        Files.writeString(images.resolve("vmlinux-fcvm"), "\177ELF small");
        Files.writeString(images.resolve("vmlinux.yours"), "12 1700000000.0\n");

        assertThat(find(Map.of()).kernel()).isEqualTo(images.resolve("vmlinux"));
    }

    @Test
    void shouldBootTheKernelThatIsNamedBeforeAllOthers() throws Exception {
        Files.writeString(images.resolve("vmlinux-fcvm"), "\177ELF small");
        Path named = Files.writeString(data.resolve("other"), "\177ELF other");

        assertThat(find(Map.of("FCVM_KERNEL", named.toString())).kernel()).isEqualTo(named);
    }

    @Test
    void shouldRefuseANamedKernelThatIsNone() throws IOException {
        Path bzImage = Files.writeString(data.resolve("bzImage"), "MZ and so on");

        assertThatThrownBy(() -> find(Map.of("FCVM_KERNEL", bzImage.toString())))
                .isInstanceOf(FcvmException.class)
                .hasMessage("the kernel " + bzImage + " is no ELF file; name an uncompressed vmlinux, not a bzImage");
    }

    private Base find(Map<String, String> more) throws FcvmException {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HOME", "/nonexistent");
        environment.put("FCVM_DATA_DIR", data.toString());
        return Base.find(SettingsReader.read(Map.of(), environment, Path.of("/")));
    }
}
