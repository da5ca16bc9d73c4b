package dev.fcvm.it.net;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A network namespace of a test, and what runs in it; both end with it. */
final class Namespace implements AutoCloseable {

    /** Answers each question with the name it was given and whom it sees asking; UDP and TCP on one port. */
    private static final String SERVER = """
            import socket, sys, threading
            name, port = sys.argv[1], int(sys.argv[2])
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(('0.0.0.0', port))
            tcp = socket.create_server(('0.0.0.0', port), backlog=256)
            def answer():
                while True:
                    _, peer = udp.recvfrom(100)
                    udp.sendto(f'{name} to {peer[0]}'.encode(), peer)
            threading.Thread(target=answer, daemon=True).start()
            print('ready', flush=True)
            while True:
                link, peer = tcp.accept()
                link.sendall(f'{name} to {peer[0]}'.encode())
                link.close()
            """;

    private static final String QUESTION = """
            import socket, sys
            proto, address, port, source, seconds = sys.argv[1:]
            kind = socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM
            asked = socket.socket(socket.AF_INET, kind)
            asked.settimeout(float(seconds))
            if source != '-':
                asked.bind((source, 0))
            try:
                asked.connect((address, int(port)))
                if proto == 'udp':
                    asked.send(b'?')
                print(asked.recv(100).decode())
            except OSError as e:
                print('nobody')
            """;

    private static final String SCAN = """
            import socket, sys
            for port in range(1, 65536):
                with socket.socket() as s:
                    s.settimeout(2)
                    if s.connect_ex((sys.argv[1], port)) == 0:
                        print(port)
            """;

    private final Child holder;
    private final List<Child> servers = new ArrayList<>();

    Namespace() {
        holder = Child.of("unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity")
                .deadline(Duration.ofMinutes(10))
                .start();
        holder.awaitOut("ready\n");
    }

    long pid() {
        return holder.pid();
    }

    /** Begins the description of a process in it. */
    Child.Call call(String... command) {
        return Child.of(command).inside("nsenter", "--target", Long.toString(pid()), "--net", "--");
    }

    /** Runs a command in it and returns its output. */
    String run(String... command) {
        return call(command).run().expect(0).out();
    }

    /** Runs each line of a script in it. */
    void script(String script) {
        run("sh", "-ec", script);
    }

    /** Starts a server on a port. */
    void serve(String name, int port) {
        Child server = call("python3", "-c", SERVER, name, Integer.toString(port))
                .deadline(Duration.ofMinutes(10))
                .start();
        servers.add(server);
        server.awaitOut("ready\n");
    }

    /** Asks a server, and returns what it answered, or {@code nobody}. */
    String ask(String protocol, String address, int port) {
        return ask(protocol, address, port, "-", 10);
    }

    /** Asks a server that is not expected to answer. */
    String tryAsking(String protocol, String address, int port) {
        return ask(protocol, address, port, "-", 1);
    }

    /** Asks with this as the source. */
    String askAs(String source, String protocol, String address, int port) {
        return ask(protocol, address, port, source, 1);
    }

    private String ask(String protocol, String address, int port, String source, int seconds) {
        return run(
                        "python3",
                        "-c",
                        QUESTION,
                        protocol,
                        address,
                        Integer.toString(port),
                        source,
                        Integer.toString(seconds))
                .strip();
    }

    /** Returns all TCP ports that answer. */
    List<String> scan(String address) {
        Outcome outcome = call("python3", "-c", SCAN, address)
                .deadline(Duration.ofMinutes(2))
                .run()
                .expect(0);
        return outcome.out().lines().toList();
    }

    @Override
    public void close() {
        servers.forEach(Child::close);
        holder.close();
        holder.closed();
    }
}
