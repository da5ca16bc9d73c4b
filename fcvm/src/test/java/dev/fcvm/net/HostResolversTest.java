package dev.fcvm.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostResolversTest {

    @TempDir
    Path directory;

    @Test
    void shouldAskWhomTheHostAsksInItsOrder() throws Exception {
        assertThat(read(
                        "# nameserver 192.0.2.9\nnameserver 192.0.2.2\nsearch a b\n nameserver\t192.0.2.1 # second\n",
                        ""))
                .containsExactly("192.0.2.2", "192.0.2.1");
    }

    @Test
    void shouldLookBehindTheStubOfSystemdResolved() throws Exception {
        assertThat(read("nameserver 127.0.0.53\noptions edns0 trust-ad\n", "nameserver 192.0.2.1\n"))
                .containsExactly("192.0.2.1");
    }

    @Test
    void shouldNotAskWhatAMachineCannotReach() throws Exception {
        assertThat(read(
                        "nameserver 127.0.0.1\nnameserver ::1\nnameserver fe80::1%eth0\nnameserver 0.0.0.0\n"
                                + "nameserver 169.254.169.254\nnameserver not.an.address\nnameserver 192.0.2.1\n",
                        ""))
                .containsExactly("192.0.2.1");
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNone() {
        assertThatThrownBy(() -> read("nameserver 127.0.0.1\n", ""))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("resolv.conf names no name server that a machine can reach, only 127.0.0.1")
                .hasMessageContaining("--dns");
        assertThatThrownBy(() -> HostResolvers.read(directory.resolve("none"), directory.resolve("none")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--dns");
    }

    private List<String> read(String resolvConf, String behindTheStub) throws Exception {
        Path first = Files.writeString(directory.resolve("resolv.conf"), resolvConf);
        Path second = Files.writeString(directory.resolve("behind"), behindTheStub);
        return HostResolvers.read(first, second).stream()
                .map(InetAddress::getHostAddress)
                .toList();
    }
}
