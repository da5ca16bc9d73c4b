package dev.fcvm.guest.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.guest.system.AgentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSysctlsTest {

    @TempDir
    Path sysctls;

    @BeforeEach
    void makeParameters() throws Exception {
        for (String name : List.of("net/core/somaxconn", "net/ipv4/conf/eth0.7/forwarding", "kernel/shmmax")) {
            Files.createDirectories(sysctls.resolve(name).getParent());
            Files.writeString(sysctls.resolve(name), "1");
        }
    }

    @Test
    void shouldSetWhatIsOfTheNetworkAndLeaveTheRestToPodman() throws Exception {
        List<String> options = NetworkSysctls.set(
                List.of("--init=true", "--sysctl=net.core.somaxconn=999", "--sysctl=kernel.shmmax=5"), sysctls);

        assertThat(options).containsExactly("--init=true", "--sysctl=kernel.shmmax=5");
        assertThat(sysctls.resolve("net/core/somaxconn")).hasContent("999");
        assertThat(sysctls.resolve("kernel/shmmax")).hasContent("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"net/ipv4/conf/eth0.7/forwarding", "net.ipv4.conf.eth0/7.forwarding"})
    void shouldTakeBothFormsOfAName(String name) throws Exception {
        assertThat(NetworkSysctls.set(List.of("--sysctl=" + name + "=0"), sysctls))
                .isEmpty();

        assertThat(sysctls.resolve("net/ipv4/conf/eth0.7/forwarding")).hasContent("0");
    }

    @Test
    void shouldSayThatTheKernelHasNoSuchParameter() {
        assertThatThrownBy(() -> NetworkSysctls.set(List.of("--sysctl=net.core.no_such=1"), sysctls))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("has no parameter net.core.no_such");
    }

    @ParameterizedTest
    @ValueSource(strings = {"net/../kernel/shmmax=7", "net.core.somaxconn", "net.//kernel.shmmax=7"})
    void shouldReachNothingButTheNetworks(String assignment) {
        assertThatThrownBy(() -> NetworkSysctls.set(List.of("--sysctl=" + assignment), sysctls))
                .isInstanceOf(AgentException.class);
        assertThat(sysctls.resolve("kernel/shmmax")).hasContent("1");
    }
}
