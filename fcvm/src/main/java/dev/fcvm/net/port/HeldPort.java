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
import java.nio.channels.SocketChannel;

/** A socket that is bound and does nothing else. */
final class HeldPort implements AutoCloseable {

    private final NetworkChannel channel;
    private final int port;

    private HeldPort(NetworkChannel channel, int port) {
        this.channel = channel;
        this.port = port;
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
            return new HeldPort(channel, ((InetSocketAddress) channel.getLocalAddress()).getPort());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** A client's socket for TCP: that of a server listens as soon as Java has bound it. */
    private static NetworkChannel open(Protocol protocol, InetAddress address) throws IOException {
        ProtocolFamily family =
                address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        return switch (protocol) {
            case TCP -> SocketChannel.open(family);
            case UDP -> DatagramChannel.open(family);
        };
    }

    /** Returns the port. */
    int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the socket that holds port " + port, e);
        }
    }
}
