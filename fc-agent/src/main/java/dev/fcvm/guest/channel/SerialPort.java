package dev.fcvm.guest.channel;

import dev.fcvm.link.Dialer;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A port of a virtio-serial device: the byte channel to the host on QEMU.
 *
 * <p>The kernel lets a port be open once at a time, and throws away what the host has sent when it is closed. So it
 * stays open over a break of the host's connection, and the next channel begins with whatever is there already.
 */
public final class SerialPort implements Dialer {

    /** A read ends at once while no host is connected, and nothing tells of its coming: how often to look. */
    private static final long POLL_MILLIS = 5;

    private final Opener opener;
    private @Nullable Directions directions;

    /** Opens a port. */
    @FunctionalInterface
    public interface Opener {
        Directions open() throws IOException;
    }

    /** The two directions of an open port: apart, since in one channel a waiting reader would hold up the writer. */
    public record Directions(ReadableByteChannel in, WritableByteChannel out) {

        /** Opens a device node. */
        @SuppressWarnings("resource") // The streams are the channels' owners, and close with them.
        public static Directions ofDevice(Path node) throws IOException {
            // One that is gone must not be made as an ordinary file, which this would do.
            if (!Files.exists(node)) {
                throw new NoSuchFileException(node.toString());
            }
            var descriptor = new RandomAccessFile(node.toFile(), "rw").getFD();
            return new Directions(
                    new FileInputStream(descriptor).getChannel(), new FileOutputStream(descriptor).getChannel());
        }

        void close() throws IOException {
            try (out) {
                in.close();
            }
        }
    }

    public SerialPort(Opener opener) {
        this.opener = opener;
    }

    @Override
    public synchronized ByteChannel dial() throws IOException {
        if (directions == null) {
            directions = opener.open();
        }
        return new Connection(directions);
    }

    @SuppressWarnings("ReferenceEquality") // This very opening of the port, not one that looks alike.
    private synchronized void forget(Directions closed) throws IOException {
        if (directions == closed) {
            directions = null;
        }
        closed.close();
    }

    /** The port for as long as one host is connected to it. */
    private final class Connection implements ByteChannel {

        private final Directions port;
        private boolean greeted;
        private volatile boolean reading;
        private volatile boolean closed;

        Connection(Directions port) {
            this.port = port;
        }

        @Override
        public int read(ByteBuffer destination) throws IOException {
            reading = true;
            try {
                while (!closed) {
                    int count = port.in().read(destination);
                    if (count > 0) {
                        greeted = true;
                        return count;
                    }
                    if (greeted) {
                        return -1;
                    }
                    pause();
                }
                throw new ClosedChannelException();
            } finally {
                reading = false;
            }
        }

        private static void pause() throws IOException {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for the host", e);
            }
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            return port.out().write(source);
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        /** Leaves the port open, unless a reader is to be woken that the next connection must not find waiting. */
        @Override
        public void close() throws IOException {
            closed = true;
            if (reading) {
                forget(port);
            }
        }
    }
}
