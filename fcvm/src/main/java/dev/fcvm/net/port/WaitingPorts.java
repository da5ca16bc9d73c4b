package dev.fcvm.net.port;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.net.flags.PublishedPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Selector;
import java.util.List;
import java.util.function.Consumer;

/**
 * The published ports of a machine that does not run, and is to as soon as somebody calls. Who calls waits: the kernel has
 * taken the connection, and nobody has read from it. When the machine's uplink takes a port over, all who wait there are
 * taken along, and passed on when the machine answers.
 *
 * <p>A datagram of UDP is a call as well; it is not passed on itself.
 */
public final class WaitingPorts implements AutoCloseable {

    private final PortReservation reservation;
    private final EarlyCallers callers;
    private final Selector selector;

    private WaitingPorts(PortReservation reservation, EarlyCallers callers, Selector selector) {
        this.reservation = reservation;
        this.callers = callers;
        this.selector = selector;
    }

    /**
     * Opens them.
     *
     * @param settled the ports, with the host's side settled
     * @param called is called once, when the first one calls; on a thread of its own
     * @param failures is told why a port could not be opened; the others are
     */
    public static WaitingPorts open(List<PublishedPort> settled, Runnable called, Consumer<FcvmException> failures)
            throws FcvmException {
        var callers = new EarlyCallers();
        PortReservation reservation = PortReservation.listening(settled, callers::take);
        for (PublishedPort port : PortReservation.inTurn(settled)) {
            try {
                reservation.hold(port);
            } catch (FcvmException taken) {
                failures.accept(taken);
            }
        }
        try {
            Selector selector = Selector.open();
            var ports = new WaitingPorts(reservation, callers, selector);
            reservation.tell(selector);
            Thread.ofPlatform().name("waiting-ports").daemon().start(() -> ports.watch(called));
            return ports;
        } catch (IOException failure) {
            callers.close();
            reservation.close();
            throw new FcvmException(
                    Kind.HOST, "cannot watch a machine's published ports: " + IoReason.of(failure), failure);
        }
    }

    private void watch(Runnable called) {
        try {
            while (selector.isOpen()) {
                selector.select();
                if (selector.isOpen() && !selector.selectedKeys().isEmpty()) {
                    called.run();
                    return;
                }
            }
        } catch (ClosedSelectorException taken) {
            return; // whoever has closed it needs no telling
        } catch (IOException broken) {
            throw new UncheckedIOException("cannot watch a machine's published ports", broken);
        }
    }

    /** Returns how many are open. */
    public int open() {
        return reservation.count();
    }

    /**
     * Returns them for the machine's uplink, which is about to be made. Nobody is told of calls any more.
     *
     * @throws FcvmException when one is another program's
     */
    public PortReservation take() throws FcvmException {
        unwatch();
        for (PublishedPort port : PortReservation.inTurn(reservation.ports())) {
            reservation.hold(port);
        }
        return reservation;
    }

    /** The machine answers at its ports from now on; or it never will. */
    public void answer(boolean runs) {
        callers.answer(runs);
    }

    /** A socket that a selector has is closed no sooner than that lets go of it. */
    private void unwatch() {
        try {
            selector.close();
        } catch (IOException broken) {
            throw new UncheckedIOException("cannot let go of a machine's published ports", broken);
        }
    }

    /** Closes the ports that nobody has taken over, and hangs up on all who wait or are being passed on. */
    @Override
    public void close() {
        unwatch();
        callers.close();
        reservation.close();
    }
}
