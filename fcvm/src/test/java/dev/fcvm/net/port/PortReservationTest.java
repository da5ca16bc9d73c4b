package dev.fcvm.net.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.net.flags.Addresses;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the host's real sockets, on its loopback. */
final class PortReservationTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress ALL = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress EVERYTHING = InetAddress.ofLiteral("::");

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void shouldKeepOthersFromAPortUntilItIsReleased(Protocol protocol) throws Exception {
        try (PortReservation reservation = hold(LOOPBACK, ":80/" + protocol.word())) {
            PublishedPort port = reservation.ports().getFirst();
            assertThat(port.address()).hasValue(LOOPBACK);
            assertThat(port.hostPort()).isPositive();
            assertThat(port.guestPort()).isEqualTo(80);
            assertThatThrownBy(() -> bind(protocol, LOOPBACK, port.hostPort())).isInstanceOf(BindException.class);
            assertThatThrownBy(() -> bind(protocol, ALL, port.hostPort())).isInstanceOf(BindException.class);
            assertThatCode(() -> bind(protocol, SECOND, port.hostPort())).doesNotThrowAnyException();

            reservation.release(port);
            assertThatCode(() -> bind(protocol, LOOPBACK, port.hostPort())).doesNotThrowAnyException();
            assertThat(reservation.ports()).containsExactly(port);
        }
    }

    @Test
    void shouldHoldAPortOnAllAddressesOfBothFamiliesUnderOneNumber() throws Exception {
        try (PortReservation reservation =
                PortReservation.holdOnAll(PublishedPorts.parse(List.of(":80", "[::1]::81")))) {
            PublishedPort v4 = reservation.ports().getFirst();
            assertThat(reservation.ports())
                    .extracting(port -> port.address().orElseThrow().getHostAddress() + " " + port.guestPort())
                    .containsExactly("0.0.0.0 80", "0:0:0:0:0:0:0:0 80", "0:0:0:0:0:0:0:1 81");
            assertThat(reservation.ports().get(1).hostPort()).isEqualTo(v4.hostPort());
            assertThatThrownBy(() -> bind(Protocol.TCP, LOOPBACK, v4.hostPort()))
                    .isInstanceOf(BindException.class);

            reservation.release(v4);
            assertThatThrownBy(() -> bind(Protocol.TCP, EVERYTHING, v4.hostPort()))
                    .isInstanceOf(BindException.class);
            reservation.release(reservation.ports().get(1));
            assertThatCode(() -> bind(Protocol.TCP, LOOPBACK, v4.hostPort())).doesNotThrowAnyException();
        }
    }

    @Test
    void shouldRefuseConnectionsMeanwhileRatherThanLeaveThemWaiting() throws Exception {
        try (PortReservation reservation = hold(LOOPBACK, ":80")) {
            int port = reservation.ports().getFirst().hostPort();
            assertThatThrownBy(() -> new Socket(LOOPBACK, port).close()).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void shouldLetEverythingGoInTheEnd() throws Exception {
        List<PublishedPort> ports;
        try (PortReservation reservation = hold(LOOPBACK, ":80", ":81", ":82/udp")) {
            ports = reservation.ports();
            reservation.release(ports.getFirst());
            reservation.release(ports.getFirst());
        }
        for (PublishedPort port : ports) {
            bind(port.protocol(), LOOPBACK, port.hostPort());
        }
    }

    @Test
    void shouldKeepTheOrderAndGiveEachFreePortItsOwn() throws Exception {
        int free = freePort();
        try (PortReservation reservation = hold(LOOPBACK, "80-89", free + ":90", "127.0.0.2::91")) {
            List<PublishedPort> ports = reservation.ports();
            assertThat(ports)
                    .extracting(PublishedPort::guestPort)
                    .containsExactly(80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91);
            assertThat(ports.subList(0, 11))
                    .extracting(PublishedPort::hostPort)
                    .doesNotHaveDuplicates()
                    .doesNotContain(0)
                    .endsWith(free);
            assertThat(ports.getLast().address()).hasValue(SECOND);
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void shouldNameThePortAndWhoHasIt(Protocol protocol) throws Exception {
        try (Closeable server =
                protocol == Protocol.TCP ? new ServerSocket(0, 1, LOOPBACK) : new DatagramSocket(0, LOOPBACK)) {
            int taken =
                    server instanceof ServerSocket tcp ? tcp.getLocalPort() : ((DatagramSocket) server).getLocalPort();
            int free = freePort();
            String wanted = taken + ":81/" + protocol.word();

            for (InetAddress address : List.of(LOOPBACK, ALL)) {
                assertThatThrownBy(() -> hold(address, free + ":80", wanted))
                        .isInstanceOfSatisfying(
                                FcvmException.class,
                                failure -> assertThat(failure.kind()).isEqualTo(FcvmException.Kind.IN_USE))
                        .hasMessage(
                                "cannot publish host port %s:%d/%s: it is taken by %s (process %d); take another, or :81 for one that is free",
                                Addresses.text(address),
                                taken,
                                protocol.word(),
                                Files.readString(Path.of("/proc/self/comm")).strip(),
                                ProcessHandle.current().pid());
                // What was bound before the failure is free again.
                bind(Protocol.TCP, address, free);
            }
        }
    }

    @Test
    void shouldNameTheMachineThatHasThePort() throws Exception {
        var machine = new MachineId("0123456789abcdef0123456789abcdef");
        try (PortChild.Listening child = PortChild.start(MachineProcesses.VARIABLE, machine.value())) {
            assertThatThrownBy(() -> hold(LOOPBACK, child.port() + ":80"))
                    .hasMessageContaining("it is taken by java (process %d, machine 0123456789ab);"
                            .formatted(child.process().pid()));
        }
    }

    @Test
    void shouldRefuseASecondReservationOfThePort() throws Exception {
        try (PortReservation first = hold(LOOPBACK, ":80", ":53/udp")) {
            for (PublishedPort port : first.ports()) {
                assertThatThrownBy(() -> PortReservation.hold(List.of(port), LOOPBACK))
                        .isInstanceOf(FcvmException.class)
                        .hasMessageContaining(port.hostSide() + "/");
            }
        }
    }

    @Test
    void shouldTakeAPortOfWhichOnlyTimeWaitIsLeft() throws Exception {
        int port;
        try (var server = new ServerSocket(0, 1, LOOPBACK)) {
            port = server.getLocalPort();
            try (var client = new Socket(LOOPBACK, port);
                    Socket accepted = server.accept()) {
                // Who closes first has the waiting.
                accepted.shutdownOutput();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                client.shutdownOutput();
                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            }
        }
        try (SocketChannel plain = SocketChannel.open()) {
            assertThatThrownBy(() -> plain.bind(new InetSocketAddress(LOOPBACK, port)))
                    .as("the port is waiting")
                    .isInstanceOf(BindException.class);
        }
        try (PortReservation reservation = hold(LOOPBACK, port + ":80")) {
            assertThat(reservation.ports()).hasSize(1);
            assertThatThrownBy(() -> new Socket(LOOPBACK, port).close()).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void shouldRefuseTwoThatMeetOnlyOnTheDefaultAddress() throws Exception {
        int port = freePort();
        assertThatThrownBy(() -> hold(ALL, port + ":80", "127.0.0.2:" + port + ":81"))
                .hasMessageContaining("for two: guest ports 80 and 81");
        try (PortReservation reservation = hold(LOOPBACK, port + ":80", "127.0.0.2:" + port + ":81")) {
            assertThat(reservation.ports()).hasSize(2);
        }
    }

    @Test
    void shouldHoldAllAddressesOfBothFamiliesTogether() throws Exception {
        int port = freePort();
        try (PortReservation reservation =
                hold(LOOPBACK, port + ":80", "[::]:" + port + ":81", "127.0.0.3:" + port + ":82")) {
            assertThatThrownBy(() -> bind(Protocol.TCP, LOOPBACK, port)).isInstanceOf(BindException.class);
            assertThatThrownBy(() -> bind(Protocol.TCP, EVERYTHING, port)).isInstanceOf(BindException.class);
            reservation.release(reservation.ports().get(1));
            reservation.release(reservation.ports().get(2));
            assertThatThrownBy(() -> bind(Protocol.TCP, LOOPBACK, port)).isInstanceOf(BindException.class);
            reservation.release(reservation.ports().get(0));
            bind(Protocol.TCP, EVERYTHING, port);
        }
    }

    @Test
    void shouldSayThatTheHostHasNoSuchAddress() {
        for (String address : List.of("203.0.113.77", "[2001:db8::77]")) {
            assertThatThrownBy(() -> hold(LOOPBACK, address + ":8080:80"))
                    .isInstanceOfSatisfying(
                            FcvmException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FcvmException.Kind.HOST))
                    .hasMessageStartingWith(
                            "cannot publish host port " + address + ":8080/tcp: this host has no address");
        }
    }

    @Test
    void shouldHoldNothingWhenNothingIsWanted() throws Exception {
        try (PortReservation reservation = hold(LOOPBACK)) {
            assertThat(reservation.ports()).isEmpty();
        }
    }

    private static PortReservation hold(InetAddress defaultAddress, String... values) throws FcvmException {
        return PortReservation.hold(PublishedPorts.parse(List.of(values)), defaultAddress);
    }

    /** Binds and lets go. A server's socket has SO_REUSEADDR. */
    private static void bind(Protocol protocol, InetAddress address, int port) throws IOException {
        switch (protocol) {
            case TCP -> new ServerSocket(port, 1, address).close();
            case UDP -> {
                try (var socket = new DatagramSocket(null)) {
                    socket.setReuseAddress(true);
                    socket.bind(new InetSocketAddress(address, port));
                }
            }
        }
    }

    /** Returns one that nobody has, and that is not among those the kernel gives away by itself. */
    private static int freePort() throws IOException {
        int port = 20_000 + (int) (ProcessHandle.current().pid() % 1000);
        while (true) {
            try {
                bind(Protocol.TCP, EVERYTHING, port);
                return port;
            } catch (BindException taken) {
                port += 7; // beyond the last there is one that says it is none
            }
        }
    }
}
