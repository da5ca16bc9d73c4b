package dev.fcvm.net.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostResolverTest {

    @TempDir
    Path directory;

    private Path file;
    private Path resolved;

    @BeforeEach
    void names() {
        file = directory.resolve("resolv.conf");
        resolved = directory.resolve("resolved.conf");
    }

    @Test
    void shouldTakeTheServersThatCanBeReachedFromElsewhereInTheirOrder() throws Exception {
        Files.writeString(
                file,
                "# nameserver 192.0.2.9\nnameserver 127.0.0.1\nnameserver\t192.0.2.1\nnameserver 2001:db8::1\nnameserver nonsense\nnameserver 169.254.169.254\n");
        assertThat(HostResolver.read(file, resolved).servers()).containsExactly(InetAddress.ofLiteral("192.0.2.1"));
    }

    @Test
    void shouldAskTheResolversOwnListBehindItsStub() throws Exception {
        Files.writeString(file, "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch Example.ORG lan\n");
        Files.writeString(resolved, "nameserver 192.0.2.7\n");
        HostResolver resolver = HostResolver.read(file, resolved);
        assertThat(resolver.servers()).containsExactly(InetAddress.ofLiteral("192.0.2.7"));
        assertThat(resolver.search()).containsExactly("example.org", "lan");
    }

    @Test
    void shouldTakeTheLastSearchLineAndNothingThatIsNoDomain() throws Exception {
        Files.writeString(file, "domain first\nsearch a.example b;rm$ c.example.\n");
        assertThat(HostResolver.read(file, resolved).search()).containsExactly("a.example", "c.example.");
    }

    @Test
    void shouldKnowNothingWhereTheHostSaysNothing() {
        assertThat(HostResolver.read(file, resolved))
                .isEqualTo(new HostResolver(java.util.List.of(), java.util.List.of()));
    }

    @Test
    void shouldSayWhatToDoWhereThereIsNobodyToAsk() throws Exception {
        Files.writeString(file, "nameserver 127.0.0.1\nnameserver ::1\nnameserver fe80::1%eth0\nnameserver 0.0.0.0\n");
        assertThatThrownBy(() -> HostResolver.read(file, resolved).reachable())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--dns");
    }
}
