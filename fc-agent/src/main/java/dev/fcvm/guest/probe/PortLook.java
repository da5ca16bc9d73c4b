package dev.fcvm.guest.probe;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Looks at a port of the container. A server may listen on one address alone, so each the machine has is tried: first
 * those of the loopback and of its card, then IPv6's.
 */
public final class PortLook {

    /** The longest first line of an answer that is read; it has three figures at its twelfth byte. */
    private static final int LONGEST_LINE = 256;

    private final List<InetAddress> addresses;

    /**
     * @param addresses where a server may listen
     */
    public PortLook(List<InetAddress> addresses) {
        this.addresses = List.copyOf(addresses);
    }

    /** Returns the addresses of a guest: IPv4's loopback, its card (the same in every machine), IPv6's loopback. */
    public static PortLook inGuest() {
        try {
            return new PortLook(List.of(
                    InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                    InetAddress.getByAddress(new byte[] {(byte) 172, 30, 0, 2}),
                    InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})));
        } catch (IOException impossible) {
            throw new IllegalStateException("addresses of 4 and 16 bytes are addresses", impossible);
        }
    }

    /** Looks whether something takes connections. */
    public Sight connect(int port, int limitMillis) throws InterruptedException {
        return look(port, limitMillis, (socket, end) -> new Sight(true, 0, "port " + port + " takes connections"));
    }

    /** Looks what a web server answers. */
    public Sight get(int port, String path, int limitMillis) throws InterruptedException {
        return look(port, limitMillis, (socket, end) -> ask(socket, port, path, end));
    }

    private interface Talk {
        Sight with(Socket socket, long end) throws IOException;
    }

    private Sight look(int port, int limitMillis, Talk talk) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
        var seen = new Sight(false, 0, "port " + port + " was not looked at in time");
        boolean first = true;
        for (InetAddress address : addresses) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Sight here = look(new InetSocketAddress(address, port), end, limitMillis, talk);
            if (here.met()) {
                return here;
            }
            // What the first says is most often what the user means.
            boolean refused = here.seen().endsWith(REFUSED);
            if (first || !refused) {
                seen = here;
            }
            first = false;
        }
        return seen;
    }

    private static final String REFUSED = "refused the connection";

    private static Sight look(InetSocketAddress at, long end, int limitMillis, Talk talk) {
        String port = "port " + at.getPort() + " ";
        try (var socket = new Socket()) {
            socket.connect(at, left(end));
            return talk.with(socket, end);
        } catch (SocketTimeoutException late) {
            return new Sight(false, 0, port + "did not answer within " + limitMillis + " ms");
        } catch (ConnectException refused) {
            return new Sight(false, 0, port + REFUSED);
        } catch (IOException failed) {
            String message = failed.getMessage();
            return new Sight(false, 0, port + "cannot be asked: " + (message == null ? "no reason known" : message));
        }
    }

    private static int left(long end) throws SocketTimeoutException {
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) millis;
    }

    private static Sight ask(Socket socket, int port, String path, long end) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nUser-Agent: fcvm\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        socket.setSoTimeout(left(end));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String line = firstLine(socket, end);
        int status = status(line);
        if (status == 0) {
            String what = line.isEmpty() ? "closed the connection" : "does not speak HTTP";
            return new Sight(false, 0, "port " + port + " " + what);
        }
        return new Sight(true, status, "GET " + path + " on port " + port + " answered " + status);
    }

    /** A byte at a time would let a server that dribbles have as long as it likes: the deadline is the whole line's. */
    private static String firstLine(Socket socket, long end) throws IOException {
        InputStream in = socket.getInputStream();
        var line = new StringBuilder();
        while (line.length() < LONGEST_LINE) {
            socket.setSoTimeout(left(end));
            int next = in.read();
            if (next < 0 || next == '\n') {
                break;
            }
            line.append((char) next);
        }
        return line.toString();
    }

    /** Returns the status of {@code HTTP/1.1 200 OK}; 0 of anything else. */
    static int status(String line) {
        if (!line.startsWith("HTTP/1.") || line.length() < 12 || line.charAt(8) != ' ') {
            return 0;
        }
        int status = 0;
        for (int i = 9; i < 12; i++) {
            char c = line.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            status = status * 10 + (c - '0');
        }
        boolean ends = line.length() == 12 || line.charAt(12) == ' ' || line.charAt(12) == '\r';
        return ends && status >= 100 ? status : 0;
    }
}
