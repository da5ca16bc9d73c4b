package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

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
            # With an address, there alone; else on all, of both families.
            own = sys.argv[3] if len(sys.argv) > 3 else '::'
            family = socket.AF_INET6 if ':' in own else socket.AF_INET
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.bind((own, port))
            tcp = socket.create_server((own, port), family=family, backlog=256, dualstack_ipv6=own == '::')
            def by(peer):
                return peer[0].removeprefix('::ffff:')
            def answer():
                while True:
                    _, peer = udp.recvfrom(100)
                    udp.sendto(f'{name} to {by(peer)}'.encode(), peer)
            threading.Thread(target=answer, daemon=True).start()
            print('ready', flush=True)
            while True:
                link, peer = tcp.accept()
                link.sendall(f'{name} to {by(peer)}'.encode())
                link.close()
            """;

    private static final String QUESTION = """
            import socket, sys
            proto, address, port, source, seconds = sys.argv[1:]
            kind = socket.SOCK_STREAM if proto == 'tcp' else socket.SOCK_DGRAM
            asked = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, kind)
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
            family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
            for port in range(1, 65536):
                with socket.socket(family) as s:
                    s.settimeout(2)
                    if s.connect_ex((sys.argv[1], port)) == 0:
                        print(port)
            """;

    /** Asks as often as is said, with all connections open before the first request, and returns each different answer. */
    private static final String HTTP = """
            import socket, sys, collections
            address, port, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            links = []
            try:
                for _ in range(times):
                    links.append(socket.create_connection((address, port), timeout=30))
                for link in links:
                    link.sendall(b'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n')
                answers = collections.Counter()
                for link in links:
                    whole = b''
                    while more := link.recv(1000):
                        whole += more
                    head, _, body = whole.decode().partition('\\r\\n\\r\\n')
                    answers[head.split()[1] + ' ' + body.strip()] += 1
                for answer, count in answers.items():
                    print(answer if times == 1 else f'{count} x {answer}')
            except OSError as e:
                print('nobody')
            """;

    /** Sends so many MiB to who sends everything back, and says whether what comes is what was sent, and the seconds. */
    private static final String MIRROR = """
            import hashlib, os, socket, sys, threading, time
            address, port, amount = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            link = socket.create_connection((address, port), timeout=120)
            sent, came, size = hashlib.sha256(), hashlib.sha256(), 0
            begun = time.monotonic()
            def send():
                for _ in range(amount):
                    block = os.urandom(1 << 20)
                    sent.update(block)
                    link.sendall(block)
                link.shutdown(socket.SHUT_WR)
            sender = threading.Thread(target=send)
            sender.start()
            while more := link.recv(1 << 18):
                came.update(more)
                size += len(more)
            sender.join()
            print('same' if sent.digest() == came.digest() and size == amount << 20 else f'different after {size}')
            print(time.monotonic() - begun)
            """;

    /** Sends a word by UDP and returns what is sent back. */
    private static final String ECHO = """
            import socket, sys
            asked = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
            asked.settimeout(2)
            asked.connect((sys.argv[1], int(sys.argv[2])))
            for _ in range(5):
                try:
                    asked.send(sys.argv[3].encode())
                    print(asked.recv(1000).decode())
                    break
                except OSError:
                    pass
            else:
                print('nobody')
            """;

    private final Child holder;
    private final List<Child> servers = new ArrayList<>();

    Namespace() {
        this("true", "--net");
    }

    private Namespace(String first, String... namespaces) {
        holder = Child.of("unshare")
                .with(namespaces)
                .with("sh", "-ec", first + "\necho ready; exec sleep infinity")
                .deadline(Duration.ofMinutes(10))
                .start();
        holder.awaitOut("ready\n");
    }

    /**
     * Makes one with mounts of its own, which are not seen elsewhere.
     *
     * @param mounts a script for the shell that makes them
     */
    static Namespace withMounts(String mounts) {
        return new Namespace(mounts, "--net", "--mount", "--propagation", "private");
    }

    /** Makes those that a rootless machine has. */
    static Namespace ofRootlessMachine() {
        return new Namespace(
                "true", "--user", "--map-root-user", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child");
    }

    /** Returns the process in it that is the first of its PID namespace. */
    long first() {
        return ProcessHandle.of(holder.pid())
                .flatMap(process -> process.children().findFirst())
                .orElseThrow()
                .pid();
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

    /** Starts a server on a port of all addresses. */
    void serve(String name, int port) {
        keep("ready\n", "python3", "-c", SERVER, name, Integer.toString(port));
    }

    /** Starts a server on a port of one address. */
    void serveOn(String address, String name, int port) {
        keep("ready\n", "python3", "-c", SERVER, name, Integer.toString(port), address);
    }

    /** Starts what runs as long as the namespace is there, and waits until it says this. */
    void keep(String ready, String... command) {
        Child server = call(command).deadline(Duration.ofMinutes(10)).start();
        servers.add(server);
        server.awaitOut(ready);
    }

    /** Asks the guests' HTTP server who asks; {@code nobody} when nobody answers. */
    String http(String address, int port) {
        return http(address, port, 1);
    }

    /** Asks so often at once, and returns how often each answer came. */
    String http(String address, int port, int times) {
        return call("python3", "-c", HTTP, address, Integer.toString(port), Integer.toString(times))
                .deadline(Duration.ofMinutes(3))
                .run()
                .expect(0)
                .out()
                .strip();
    }

    /** Returns what a UDP server answers to this. */
    String echo(String address, int port, String word) {
        return run("python3", "-c", ECHO, address, Integer.toString(port), word).strip();
    }

    /** Has bytes sent back by a guest, fails when they are others, and returns the seconds. */
    double mirror(String address, int port, int mebibytes) {
        Outcome outcome = call("python3", "-c", MIRROR, address, Integer.toString(port), Integer.toString(mebibytes))
                .deadline(Duration.ofMinutes(5))
                .run()
                .expect(0);
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines.getFirst()).as("what came back of %s MiB", mebibytes).isEqualTo("same");
        return Double.parseDouble(lines.get(1));
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
