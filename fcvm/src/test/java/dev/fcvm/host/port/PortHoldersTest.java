package dev.fcvm.host.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.port.PortHolders.Finding;
import dev.fcvm.host.port.PortHolders.Holder;
import dev.fcvm.host.port.PortHolders.Table;
import dev.fcvm.host.process.MachineProcesses;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a made-up /proc where the real one cannot have what is looked for. */
final class PortHoldersTest {

    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    private static final String REST = " 00000000:00000000 00:00000000 00000000  1000        0 ";

    @TempDir
    Path proc;

    @BeforeEach
    void makeTables() throws Exception {
        Files.createDirectories(proc.resolve("net"));
        table("tcp", "");
        table("tcp6", "");
        table("udp", "");
        table("udp6", "");
    }

    @Test
    void shouldFindThisProcessInTheRealTables() throws Exception {
        InetAddress address = InetAddress.ofLiteral("127.0.0.1");
        try (var server = new ServerSocket(0, 1, address)) {
            assertThat(PortHolders.ofHost().find(Table.TCP, address, server.getLocalPort()))
                    .isInstanceOfSatisfying(
                            Finding.Processes.class,
                            found -> assertThat(found.holders())
                                    .extracting(Holder::pid)
                                    .contains(ProcessHandle.current().pid()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tcp, 0100007F, 127.0.0.1, true",
        "tcp, 0100007F, 0.0.0.0, true",
        "tcp, 0100007F, ::, true",
        "tcp, 0100007F, 127.0.0.2, false",
        "tcp, 0100007F, ::1, false",
        "tcp, 00000000, 127.0.0.1, true",
        "tcp, 00000000, ::1, false",
        "tcp6, 00000000000000000000000000000000, 127.0.0.1, true",
        "tcp6, 00000000000000000000000000000000, 0.0.0.0, true",
        "tcp6, 00000000000000000000000001000000, ::1, true",
        "tcp6, 00000000000000000000000001000000, ::, true",
        "tcp6, 00000000000000000000000001000000, 0.0.0.0, false",
        "tcp6, B80D0120000000000000000001000000, 2001:db8::1, true",
        "tcp6, 0000000000000000FFFF00000100007F, 127.0.0.1, true"
    })
    void shouldKnowWhichSocketsAreInTheWayOfAnAddress(String table, String held, String wanted, boolean found)
            throws Exception {
        table(table, entry(held + ":1F90", "0A", 77));
        Finding finding = look(wanted, 8080);
        assertThat(finding).isEqualTo(found ? new Finding.OfUser(1000) : new Finding.Unknown());
        assertThat(look(wanted, 8081)).isEqualTo(new Finding.Unknown());
    }

    @Test
    void shouldBlameWhoListensAndNotWhoIsConnected() throws Exception {
        table("tcp", entry("0100007F:1F90", "01", 76) + entry("0100007F:1F90", "0A", 77));
        process(5, "client", 76, "");
        process(6, "server", 77, "A=b\0");
        assertThat(look("127.0.0.1", 8080))
                .isEqualTo(new Finding.Processes(List.of(new Holder(6, "server", Optional.empty()))));
    }

    @Test
    void shouldNotBlameAnybodyForAConnectionThatIsOver() throws Exception {
        table("tcp", entry("0100007F:1F90", "06", 0));
        process(5, "other", 0, "");
        assertThat(look("127.0.0.1", 8080)).isEqualTo(new Finding.Unknown());
    }

    @Test
    void shouldKnowAMachineByItsProcessesAndTakeNoNameThatPlaysTricks() throws Exception {
        String id = "0123456789abcdef0123456789abcdef";
        table("tcp", entry("0100007F:1F90", "0A", 77));
        process(6, "a\033[2J\nb", 77, "PATH=/bin\0" + MachineProcesses.VARIABLE + "=" + id + "\0");
        process(7, "c", 77, MachineProcesses.VARIABLE + "=../..\0");
        assertThat(look("127.0.0.1", 8080))
                .isInstanceOfSatisfying(
                        Finding.Processes.class,
                        found -> assertThat(found.holders())
                                .containsExactlyInAnyOrder(
                                        new Holder(6, "a?[2J?b", Optional.of(new MachineId(id))),
                                        new Holder(7, "c", Optional.empty())));
    }

    @Test
    void shouldForbidLowPortsToThoseWithoutThePrivilegeOnly() {
        assertThat(new LowPorts(1024, false).forbid(1023)).isTrue();
        assertThat(new LowPorts(1024, false).forbid(1024)).isFalse();
        assertThat(new LowPorts(80, false).forbid(80)).isFalse();
        assertThat(new LowPorts(1024, true).forbid(1)).isFalse();
    }

    private Finding look(String address, int port) {
        return new PortHolders(proc).find(Table.TCP, InetAddress.ofLiteral(address), port);
    }

    private void table(String name, String entries) throws Exception {
        Files.writeString(proc.resolve("net").resolve(name), HEADER + entries);
    }

    private static String entry(String local, String state, int inode) {
        return "   0: " + local + " 00000000:0000 " + state + REST + inode + " 1 0000000000000000 100 0 0 10 0\n";
    }

    private void process(int pid, String program, int inode, String environment) throws Exception {
        Path process = proc.resolve(Integer.toString(pid));
        Files.createDirectories(process.resolve("fd"));
        Files.createSymbolicLink(process.resolve("fd").resolve("3"), Path.of("socket:[" + inode + "]"));
        Files.writeString(process.resolve("comm"), program + "\n");
        Files.writeString(process.resolve("environ"), environment);
    }
}
