package dev.fcvm.guest;

import dev.fcvm.guest.channel.Devices;
import dev.fcvm.guest.channel.SerialPort;
import dev.fcvm.guest.network.MetadataService;
import dev.fcvm.guest.network.NetworkCard;
import dev.fcvm.guest.resident.ServiceTraining;
import dev.fcvm.guest.runtime.RuntimeExec;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.DescriptorChannel;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Pipe;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.link.Dialer;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Attach;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecExited;
import dev.fcvm.link.message.Message.ExecFailed;
import dev.fcvm.link.message.Message.ExecResize;
import dev.fcvm.link.message.Message.Exited;
import dev.fcvm.link.message.Message.Kept;
import dev.fcvm.link.message.Message.Shutdown;
import dev.fcvm.link.message.Message.Signal;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.link.message.TerminalSize;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.NetworkPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Goes through what the agent does in a guest, in one process and without a guest, so that the classes of its real paths
 * land in the AOT cache: a host and an agent, joined by two named pipes in the place of the serial port, run one
 * "container" and two commands.
 */
final class Training {

    private static final String MACHINE = "0123456789abcdef0123456789abcdef";
    private static final String CONTAINER = MACHINE;

    private final Path directory;
    private final GuestFiles files;
    private final Console console;

    private Training(Path directory, Console console) {
        this.directory = directory;
        this.console = console;
        this.files = new GuestFiles(
                directory.resolve("ports"),
                directory.resolve("devices"),
                directory,
                directory.resolve("plan"),
                Path.of("/proc/cmdline"),
                Path.of("/sys/class/net"),
                directory.resolve("hostname"),
                directory.resolve("hosts"),
                Path.of("/proc/uptime"),
                Path.of("/proc"),
                directory.resolve("sysrq"),
                directory.resolve("state"),
                directory.resolve("outputs"),
                directory.resolve("exits"),
                directory.resolve("podman").toString(),
                directory.resolve("busybox").toString());
    }

    /** Runs it, in a directory of its own under the system's temporary one. */
    static void run(Console console) throws Exception {
        Path directory = Files.createTempDirectory("fc-agent-training");
        try {
            new Training(directory, console).run();
        } finally {
            delete(directory);
        }
    }

    private void run() throws Exception {
        Files.writeString(files.plan(), PlanJson.write(plan()));
        Files.writeString(files.sysrq(), "");
        Files.createDirectories(files.virtioPorts().resolve("vport0p1"));
        Files.writeString(files.virtioPorts().resolve("vport0p1").resolve("name"), Devices.PORT_NAME);
        program(
                "podman",
                "for last; do :; done; echo $$ >" + files.containerPid() + "; cat; echo \"$last\" >&2; echo $$ >"
                        + files.conmonPid() + "; mkdir -p "
                        + files.exits() + "; printf 7 >"
                        + files.exits().resolve("part") + "; mv "
                        + files.exits().resolve("part") + " "
                        + files.exits().resolve("0".repeat(64)) + "; exec sleep 60");
        program("busybox", "exit 0");
        execute(
                "mkfifo",
                directory.resolve("vport0p1.in").toString(),
                directory.resolve("vport0p1.out").toString());
        if (Devices.serialPort(files) == null) {
            throw new IOException("the training port was not found");
        }
        trainSystemCalls();
        trainRuntime();
        try (Pipe pipe = Pipe.open()) {
            pipe.reading().close();
        }
        ServiceTraining.run(directory.resolve("service"), console::log);
        trainMetadata();
        trainCard();

        Dialer port = port("vport0p1.in", "vport0p1.out");
        var agent = new Thread(() -> serve(port), "agent");
        agent.start();
        try (Link host = Links.host(port("vport0p1.out", "vport0p1.in"), LinkOptions.defaults())) {
            drive(host);
            agent.join();
        }
    }

    private void serve(Dialer port) {
        try {
            new Agent(files, console).serve(port);
        } catch (AgentException e) {
            console.log(Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drive(Link host) throws Exception {
        LinkStream stdin = host.openStream();
        LinkStream stdout = host.openStream();
        LinkStream stderr = host.openStream();
        host.send(new Start(CONTAINER, "", List.of("NAME=value"), false, Optional.empty(), 1_000_000));
        host.send(new Attach(CONTAINER, stdin.number(), stdout.number(), stderr.number(), 0, 0));
        host.send(new Signal(CONTAINER, 10));
        byte[] sent = "x".repeat(300_000).getBytes(StandardCharsets.UTF_8);
        var writer = new Thread(() -> write(stdin, sent), "writer");
        writer.start();
        byte[] received = stdout.input().readAllBytes();
        if (received.length != sent.length || stderr.input().readAllBytes().length == 0) {
            throw new IOException("the training container's output is incomplete");
        }
        host.send(new Kept(CONTAINER, received.length, 0));
        await(host, Exited.class);
        exec(host, 1, Optional.empty());
        exec(host, 2, Optional.of(new TerminalSize(80, 24)));
        host.send(new Shutdown(true));
    }

    /** What a runtime is told of a command beside the container; it is asked for none, as there is none. */
    private void trainRuntime() throws IOException {
        Path conmon = directory.resolve("conmon");
        Files.writeString(conmon, "conmon\0-c\0c\0-r\0/usr/bin/crun\0-b\0" + directory + "\0-n\0training\0");
        Files.writeString(
                directory.resolve("config.json"),
                "{\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"a\"],\"env\":[\"A=b\"],\"cwd\":\"/\",\"capabilities\":"
                        + "{\"bounding\":[\"CAP_CHOWN\"]},\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\"},{\"type\":\"RLIMIT_NPROC\"}]}}");
        var wish = new RuntimeExec.Wish(List.of("--workdir=/"), List.of("a\tb"), List.of("A=c"));
        try (RuntimeExec asked = RuntimeExec.prepare(conmon, "training", directory.resolve("exec"), wish)) {
            if (asked == null || asked.hasStarted()) {
                throw new IOException("the training's command is left to Podman");
            }
        }
    }

    /** In the guest itself: in a container it is the runtime's, or Podman's. */
    private void exec(Link host, int number, Optional<TerminalSize> terminal) throws Exception {
        LinkStream stdin = host.openStream();
        LinkStream stdout = host.openStream();
        LinkStream stderr = host.openStream();
        host.send(new Exec(
                number,
                "a".repeat(64),
                "",
                List.of(),
                List.of("/bin/sh", "-c", "read line; echo $line; exit 3"),
                List.of("NAME=value"),
                terminal,
                stdin.number(),
                stdout.number(),
                stderr.number()));
        host.send(new ExecResize(number, new TerminalSize(100, 40)));
        write(stdin, "said\n".getBytes(StandardCharsets.UTF_8));
        try {
            stdout.input().readAllBytes();
            stderr.input().readAllBytes();
        } catch (LinkException reset) {
            console.log("trained on " + Console.reason(reset)); // where there are no pseudo-terminals
        }
        await(host, ExecExited.class);
    }

    private static void await(Link host, Class<? extends Message> kind) throws Exception {
        Message last = host.receive();
        while (!kind.isInstance(last)) {
            if (last instanceof ExecFailed) {
                return;
            }
            last = host.receive();
        }
    }

    private static void write(LinkStream stream, byte[] bytes) {
        try (OutputStream out = stream.output()) {
            out.write(bytes);
        } catch (IOException e) {
            // The reader will miss the bytes, and says so.
            stream.reset();
        }
    }

    private Dialer port(String in, String out) {
        return new SerialPort(new SerialPort.Opener() {
            @Override
            public SerialPort.Directions open() throws IOException {
                var from = SerialPort.Directions.ofDevice(directory.resolve(in));
                var to = SerialPort.Directions.ofDevice(directory.resolve(out));
                return new SerialPort.Directions(from.in(), to.out());
            }
        });
    }

    /** A descriptor of an ordinary file will do: what costs is the linking of the call. */
    private void trainSystemCalls() throws IOException {
        var syscalls = Syscalls.shared();
        var error = Syscalls.errorRoom();
        long socket = syscalls.call("socket", error, Syscalls.SOCKET, 1, 1, 0, 0);
        try (var channel = DescriptorChannel.ofSocket(syscalls, socket)) {
            channel.isOpen();
        } catch (IOException e) {
            console.log("trained on " + Console.reason(e));
        }
    }

    /** Looks for the card of a guest, which the machine that builds has not. */
    private void trainCard() {
        try {
            new NetworkCard(directory, Syscalls.shared()).join(1500);
        } catch (IOException e) {
            console.log("trained on " + Console.reason(e));
        }
    }

    /** A service on the loopback; nothing is done to the network of the machine that builds. */
    private void trainMetadata() throws IOException, PlanException {
        Plan alone = plan();
        var network = new NetworkPlan(1500, false, List.of("nameserver 192.0.2.1"), List.of());
        String plan = PlanJson.write(new Plan(
                alone.version(),
                alone.machine(),
                alone.name(),
                alone.hostname(),
                alone.keep(),
                alone.container(),
                Optional.of(network)));
        try (var service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var server = new Thread(() -> answer(service, "token", plan), "metadata");
            server.setDaemon(true);
            server.start();
            var client = new MetadataService(Syscalls.shared(), new byte[] {127, 0, 0, 1}, service.getLocalPort());
            PlanJson.read(client.get(MetadataService.PLAN));
        }
    }

    private void answer(ServerSocket service, String... bodies) {
        try (Socket client = service.accept()) {
            byte[] request = new byte[4096];
            for (String body : bodies) {
                if (client.getInputStream().read(request) < 0) {
                    return;
                }
                byte[] content = body.getBytes(StandardCharsets.UTF_8);
                client.getOutputStream()
                        .write(("HTTP/1.1 200 \r\nContent-Length: " + content.length + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            console.log("trained on " + Console.reason(e));
        }
    }

    private static Plan plan() {
        var container = new ContainerPlan("image", List.of("--rm"), List.of("command"), true);
        return new Plan(Plan.VERSION, MACHINE, "training", "training", false, container);
    }

    private void program(String name, String script) throws IOException, InterruptedException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        execute("chmod", "+x", file.toString());
    }

    private static void execute(String... command) throws IOException, InterruptedException {
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IOException(command[0] + " failed with " + code);
        }
    }

    private static void delete(Path directory) throws IOException, InterruptedException {
        execute("rm", "-rf", "--", directory.toString());
    }
}
