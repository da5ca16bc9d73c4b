package dev.fcvm.net.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.flags.PublishedPorts;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With the host's real sockets, on its loopback. */
@Timeout(30)
final class WaitingPortsTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final CompletableFuture<Boolean> called = new CompletableFuture<>();
    private final List<FcvmException> failures = new ArrayList<>();

    @Test
    void shouldPassOnAllWhoHaveCalledToWhoeverTakesThePortOver() throws Exception {
        PublishedPort port = free(":80");
        List<Socket> callers = new ArrayList<>();
        try (WaitingPorts ports = open(List.of(port))) {
            for (int number = 0; number < 40; number++) {
                Socket caller = new Socket(LOOPBACK, port.hostPort());
                callers.add(caller);
                caller.getOutputStream().write(number);
                caller.shutdownOutput();
            }
            called.get(10, TimeUnit.SECONDS);
            PortReservation taken = ports.take();
            assertThat(taken.ports()).containsExactly(port);
            taken.close();
            try (ServerSocket machine = new ServerSocket(port.hostPort(), 50, LOOPBACK)) {
                Thread.ofVirtual().start(() -> echo(machine));
                ports.answer(true);
                for (int number = 0; number < callers.size(); number++) {
                    assertThat(callers.get(number).getInputStream().readAllBytes())
                            .containsExactly(number, number);
                }
            }
        } finally {
            for (Socket caller : callers) {
                caller.close();
            }
        }
    }

    @Test
    void shouldHangUpOnWhoeverWaitsWhenTheMachineNeverAnswers() throws Exception {
        PublishedPort port = free(":80");
        WaitingPorts ports = open(List.of(port));
        try (Socket caller = new Socket(LOOPBACK, port.hostPort())) {
            called.get(10, TimeUnit.SECONDS);
            PortReservation taken = ports.take();
            taken.close();
            ports.answer(false);
            assertThat(isHungUpOn(caller)).isTrue();
        }
        ports.close();
        assertThatThrownBy(() -> new Socket(LOOPBACK, port.hostPort())).isInstanceOf(ConnectException.class);
    }

    @Test
    void shouldHangUpOnWhoeverIsBeingPassedOnWhenTheMachineIsGone() throws Exception {
        PublishedPort port = free(":80");
        WaitingPorts ports = open(List.of(port));
        try (Socket caller = new Socket(LOOPBACK, port.hostPort())) {
            ports.take().close();
            try (ServerSocket machine = new ServerSocket(port.hostPort(), 50, LOOPBACK)) {
                ports.answer(true);
                Socket there = machine.accept();
                there.getOutputStream().write(7);
                assertThat(caller.getInputStream().read()).isEqualTo(7);
                ports.close();
                assertThat(isHungUpOn(caller)).isTrue();
                there.close();
            }
        }
    }

    @Test
    void shouldRefuseThoseWhoCallLaterWhereItKeepsThePort() throws Exception {
        PublishedPort port = free(":80");
        try (WaitingPorts ports = open(List.of(port));
                Socket caller = new Socket(LOOPBACK, port.hostPort());
                PortReservation quiet = ports.take().quiet(failures::add)) {
            assertThat(quiet.ports()).containsExactly(port);
            assertThatThrownBy(() -> new Socket(LOOPBACK, port.hostPort())).isInstanceOf(ConnectException.class);
            assertThat(failures).isEmpty();
            caller.setSoTimeout(1);
            assertThatThrownBy(() -> caller.getInputStream().read())
                    .as("one who waited waits on")
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void shouldTakeADatagramForACall() throws Exception {
        PublishedPort port = free(":53/udp");
        try (WaitingPorts _ = open(List.of(port));
                DatagramSocket caller = new DatagramSocket()) {
            assertThat(called).isNotDone();
            caller.send(new DatagramPacket(new byte[] {1}, 1, LOOPBACK, port.hostPort()));
            called.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldOpenTheOthersWhereOneIsAnotherPrograms() throws Exception {
        PublishedPort port = free(":80");
        try (ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
            PublishedPort taken = port.on(LOOPBACK, other.getLocalPort());
            try (WaitingPorts ports = open(List.of(taken, port))) {
                assertThat(failures)
                        .singleElement()
                        .satisfies(why -> assertThat(why).hasMessageContaining(Integer.toString(other.getLocalPort())));
                assertThat(ports.open()).isEqualTo(1);
                new Socket(LOOPBACK, port.hostPort()).close();
                called.get(10, TimeUnit.SECONDS);
                assertThatThrownBy(ports::take)
                        .isInstanceOf(FcvmException.class)
                        .hasMessageContaining(Integer.toString(other.getLocalPort()));
            }
        }
    }

    private WaitingPorts open(List<PublishedPort> ports) throws FcvmException {
        return WaitingPorts.open(ports, () -> called.complete(true), failures::add);
    }

    private static PublishedPort free(String port) throws FcvmException {
        try (PortReservation held = PortReservation.hold(PublishedPorts.parse(List.of(port)), LOOPBACK)) {
            return held.ports().getFirst();
        }
    }

    /** Says everything twice. */
    private static void echo(ServerSocket server) {
        try {
            while (true) {
                try (Socket caller = server.accept()) {
                    byte[] said = caller.getInputStream().readAllBytes();
                    caller.getOutputStream().write(said);
                    caller.getOutputStream().write(said);
                }
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static boolean isHungUpOn(Socket caller) throws IOException {
        try {
            return caller.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }
}
