package dev.fcvm.net.port;

import dev.fcvm.net.flags.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/** A socket that is bound and does nothing else, or lets callers wait until it is closed. */
final class HeldPort implements AutoCloseable {

    /** How many callers wait at a port; the kernel has more of them come once more, later. */
    private static final int MOST_WAITING = 128;

    private final NetworkChannel channel;
    private final int port;
    private final Consumer<SocketChannel> callers;

    private HeldPort(NetworkChannel channel, int port, Consumer<SocketChannel> callers) {
        this.channel = channel;
        this.port = port;
        this.callers = callers;
    }

    /**
     * Binds one at which callers wait: nobody is refused, and nobody is answered.
     *
     * @param callers is given all who have called by TCP when the port is closed
     */
    static HeldPort listen(Protocol protocol, InetAddress address, int port, Consumer<SocketChannel> callers)
            throws IOException {
        if (protocol == Protocol.UDP) {
            HeldPort held = bind(protocol, address, port);
            ((SelectableChannel) held.channel).configureBlocking(false);
            return held;
        }
        ServerSocketChannel channel = ServerSocketChannel.open(family(address));
        try {
            channel.bind(new InetSocketAddress(address, port), MOST_WAITING);
            channel.configureBlocking(false);
            return new HeldPort(channel, port, callers);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Has a selector tell when somebody calls; nothing happens with one that is only bound. */
    void tell(Selector selector) throws IOException {
        switch (channel) {
            case ServerSocketChannel server -> server.register(selector, SelectionKey.OP_ACCEPT);
            case DatagramChannel datagrams
            when !datagrams.isBlocking() -> datagrams.register(selector, SelectionKey.OP_READ);
            default -> {}
        }
    }

    /**
     * Binds one.
     *
     * @param port 0 for a free one
     */
    static HeldPort bind(Protocol protocol, InetAddress address, int port) throws IOException {
        var local = new InetSocketAddress(address, port);
        try {
            return bind(protocol, local, false);
        } catch (BindException taken) {
            if (protocol == Protocol.UDP) {
                throw taken;
            }
            // Without SO_REUSEADDR nobody can bind the port beside us, whatever options he uses; but connections in
            // TIME_WAIT would keep us from it for a minute, as they would not keep a server. With it the kernel refuses
            // us only a port that somebody listens on, or holds without the option.
            return bind(protocol, local, true);
        }
    }

    private static HeldPort bind(Protocol protocol, InetSocketAddress local, boolean reuse) throws IOException {
        NetworkChannel channel = open(protocol, local.getAddress());
        try {
            if (reuse) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.bind(local);
            int bound = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            return new HeldPort(channel, bound, HeldPort::refuse);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** A client's socket for TCP: that of a server listens as soon as Java has bound it. */
    private static NetworkChannel open(Protocol protocol, InetAddress address) throws IOException {
        return switch (protocol) {
            case TCP -> SocketChannel.open(family(address));
            case UDP -> DatagramChannel.open(family(address));
        };
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    /** Nobody calls at a socket that does not listen. */
    private static void refuse(SocketChannel caller) {
        throw new IllegalStateException("a socket that does not listen was called: " + caller);
    }

    /** Returns the port. */
    int port() {
        return port;
    }

    @Override
    public void close() {
        try (channel) {
            if (channel instanceof ServerSocketChannel server && server.isOpen()) {
                for (SocketChannel caller = server.accept(); caller != null; caller = server.accept()) {
                    callers.accept(caller);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the socket that holds port " + port, e);
        }
    }
}
