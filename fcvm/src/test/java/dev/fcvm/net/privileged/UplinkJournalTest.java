package dev.fcvm.net.privileged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.NetworkPool6;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UplinkJournalTest {

    private static final MachineNetwork NETWORK = new MachineNetwork(0xc0a8_0104);
    private static final PublishedPort PORT =
            new PublishedPort(Optional.of(InetAddress.ofLiteral("127.0.0.1")), 8080, 80, Protocol.TCP);

    @TempDir
    Path directory;

    private UplinkJournal journal;

    @BeforeEach
    void nameIt() {
        journal = UplinkJournal.in(directory);
    }

    @Test
    void shouldSayWhatWasToBeDone() throws Exception {
        PublishedPort udp = new PublishedPort(Optional.of(InetAddress.ofLiteral("0.0.0.0")), 53, 5353, Protocol.UDP);
        PublishedPort six = new PublishedPort(Optional.of(InetAddress.ofLiteral("::1")), 53, 5353, Protocol.TCP);
        MachineNetwork6 ipv6 = MachineNetwork6.of(NetworkPool6.STANDARD, NETWORK);
        journal.network(NETWORK);
        journal.network(ipv6);
        journal.port(PORT);
        journal.port(udp);
        journal.port(six);

        UplinkJournal.Content content = UplinkJournal.in(directory).read();

        assertThat(content.network()).contains(NETWORK);
        assertThat(content.network6()).contains(ipv6);
        assertThat(content.ports()).containsExactly(PORT, udp, six);
        assertThat(NETWORK).hasToString("192.168.1.4/30");
        assertThat(NETWORK.veth()).isEqualTo("fcvmc0a80104");
    }

    @Test
    void shouldSayNothingWhereNothingWasDone() throws Exception {
        assertThat(journal.read().network()).isEmpty();
        journal.network(NETWORK);
        journal.delete();
        journal.delete();
        assertThat(journal.read().network()).isEmpty();
    }

    @Test
    void shouldPassOverALineThatWasBeingWrittenWhenTheEndCame() throws Exception {
        journal.network(NETWORK);
        Files.writeString(directory.resolve("uplink"), "port tcp 127.0.0.1 80", StandardOpenOption.APPEND);

        assertThat(journal.read().ports()).isEmpty();
    }

    @Test
    void shouldNotActOnWhatItDidNotWrite() throws Exception {
        Files.writeString(directory.resolve("uplink"), "port tcp host.example 80 80\n");

        assertThatThrownBy(() -> journal.read()).isInstanceOf(IOException.class).hasMessageContaining("host.example");
    }
}
