package dev.fcvm.host;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunDeviceTest {

    @TempDir
    Path directory;

    @Test
    void shouldSayWhatToDoWhereThereIsNone() {
        assertThatThrownBy(() -> TunDevice.require(directory.resolve("tun")))
                .isInstanceOf(FcvmException.class)
                .hasMessage(
                        "cannot give the machine a network: %s is not there; mend it with: sudo modprobe tun, or use --network none"
                                .formatted(directory.resolve("tun")));
    }

    @Test
    void shouldBeContentWithOneThatCanBeOpened() throws Exception {
        Path device = Files.createFile(directory.resolve("tun"));
        assertThatCode(() -> TunDevice.require(device)).doesNotThrowAnyException();
    }
}
