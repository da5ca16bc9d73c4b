package dev.fcvm.it.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that takes connections and never says a word, as a registry behind a broken proxy does. */
public final class SilentRegistry implements AutoCloseable {

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final BlockingQueue<Socket> callers = new LinkedBlockingQueue<>();

    private SilentRegistry() throws IOException {
        Thread.ofVirtual().name("silent-registry").start(() -> {
            try {
                while (true) {
                    callers.add(server.accept());
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
    }

    /** Starts one on a free port of the loopback interface. */
    public static SilentRegistry start() throws IOException {
        return new SilentRegistry();
    }

    /** Returns its host and port. */
    public String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Waits until somebody has connected. */
    public void awaitCaller() {
        try {
            Socket caller = callers.poll(60, TimeUnit.SECONDS);
            if (caller == null) {
                throw new AssertionError("nobody connected to the registry within a minute");
            }
            callers.add(caller);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a caller", e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket caller : callers) {
            caller.close();
        }
    }
}
