package dev.fcvm.net.privileged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.NetworkPool6;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of a host before a machine gets IPv6 from it. */
class Ipv6OfHostTest {

    @TempDir
    Path directory;

    @Test
    void shouldRefuseAPoolTheHostUsesButNotForItsOwnMachinesOrAWiderNetwork() throws Exception {
        String none = "00000000000000000000000000000000 00 00000000000000000000000000000000";
        String head = """
                fd5e0000000000000000000000000000 10 %1$s 00000400 00000001 00000000 00000001 tun0
                fd5e7a1c93d20000000000000ae70000 7e %1$s 00000100 00000001 00000000 00000001 fcvm0ae70000
                """.formatted(none);
        Path routes = Files.writeString(directory.resolve("route"), head);
        assertThatCode(() -> ForeignRoutes.refuse(NetworkPool6.STANDARD, routes))
                .doesNotThrowAnyException();

        Files.writeString(
                routes,
                head
                        + "fd5e7a1c93d200000000000000000000 40 %s 00000100 00000001 00000000 00000001 br0\n"
                                .formatted(none));
        assertThatThrownBy(() -> ForeignRoutes.refuse(NetworkPool6.STANDARD, routes))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("the host uses fd5e:7a1c:93d2::/64, a part of the IPv6 addresses for machines,"
                        + " fd5e:7a1c:93d2::/64, on br0")
                .hasMessageContaining("FCVM_NETWORK_POOL6");
    }

    @Test
    void shouldKnowAHostWithoutIpv6() throws Exception {
        assertThat(Forwarding6.missing(directory)).contains("its kernel speaks none");
        set("all", "0");
        set("default", "1");
        assertThat(Forwarding6.missing(directory)).contains("it is turned off by net.ipv6.conf.default.disable_ipv6");
        set("default", "0");
        assertThat(Forwarding6.missing(directory)).isEmpty();
    }

    private void set(String name, String value) throws IOException {
        Path setting = directory.resolve(name).resolve("disable_ipv6");
        Files.createDirectories(setting.getParent());
        Files.writeString(setting, value + "\n");
    }
}
