package dev.fcvm.net.port;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/** Another process that listens on a port until it is killed, as one of a machine's does. */
final class PortChild {

    private PortChild() {}

    /** A process and its port on 127.0.0.1. */
    record Listening(Process process, int port) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Starts it with this variable, and returns when it listens. */
    static Listening start(String variable, String value) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PortChild.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put(variable, value);
        Process process = builder.start();
        return new Listening(process, new DataInputStream(process.getInputStream()).readUnsignedShort());
    }

    /** Listens, says where, and sleeps. */
    public static void main(String[] arguments) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            System.out.write(server.getLocalPort() >> 8);
            System.out.write(server.getLocalPort());
            System.out.flush();
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
