package dev.fcvm.net.rootless;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.LastWords;
import dev.fcvm.host.ListenQueues;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.host.Tool;
import dev.fcvm.host.confine.CgroupTree;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.PortReservation;
import dev.fcvm.net.uplink.Entrance;
import dev.fcvm.net.uplink.HostResolver;
import dev.fcvm.net.uplink.Uplink;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The uplink that needs no privilege: slirp4netns, a TCP/IP stack in a process of the user's. What the guest sends, it
 * sends as that user; what comes in for a published port it takes on a socket of the host and passes on. A guest sees
 * the caller's own address, or 10.0.2.2 for one on the host's loopback. See slirp4netns(1).
 */
public final class SlirpUplink implements Uplink {

    /** What slirp4netns is fastest with, its own maximum but one. */
    public static final int MTU = 65_520;

    /** Where the guest finds the host's loopback, if it may. */
    public static final Inet4Address HOST = address("10.0.2.2");

    private static final List<String> NETWORKS = List.of("10.0.2.0/24", "fd00::/64");

    private static final Inet4Address OWN = address("10.0.2.100");
    private static final Inet4Address RESOLVER = address("10.0.2.3");
    private static final String IPV6_LINKS = """
            address replace fd00::100/64 dev uplink0 nodad
            route replace default via fd00::2 dev uplink0
            """;

    private static final Tool SLIRP = Tool.named("slirp4netns", "slirp4netns");
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_RESTARTS = 3;

    private final MachineId machine;
    private final Path socket;
    private final boolean hostLoopback;
    private final boolean ipv6;
    private final PortReservation reserved;
    private final List<PublishedPort> published;
    private final List<String> search = HostResolver.ofHost().search();
    private final Consumer<String> warnings;

    private @Nullable Process process;
    private boolean closed;
    private int restarts;

    private SlirpUplink(
            MachineId machine,
            Path socket,
            boolean hostLoopback,
            boolean ipv6,
            PortReservation reserved,
            Consumer<String> warnings) {
        this.machine = machine;
        this.socket = socket;
        this.hostLoopback = hostLoopback;
        this.ipv6 = ipv6;
        this.reserved = reserved;
        this.published = new ArrayList<>(reserved.ports());
        this.warnings = warnings;
    }

    /**
     * Checks, before anything is made for a machine, that it could have one.
     *
     * @throws FcvmException when a tool is not there, or a port has an address it cannot serve
     */
    public static void check(NetworkRequest request) throws FcvmException {
        SLIRP.require();
        Tool.named("nsenter", "util-linux").require();
        Tool.named("nft", "nftables").require();
        Tool.named("ip", "iproute2").require();
        for (PublishedPort port : request.ports()) {
            if (port.address().isPresent() && !(port.address().get() instanceof Inet4Address)) {
                throw new FcvmException(
                        Kind.USAGE,
                        "cannot publish %s: a rootless machine's ports have IPv4 addresses only; leave the address out"
                                .formatted(port));
            }
        }
    }

    /**
     * Claims the host's ports.
     *
     * @param sockets a directory of the machine's own (0700) for the API socket
     * @param warnings is told in one line when slirp4netns has ended by itself; on a thread of its own
     * @throws FcvmException when a port is taken
     */
    public static SlirpUplink prepare(
            MachineId machine, Path sockets, NetworkRequest request, Consumer<String> warnings) throws FcvmException {
        return new SlirpUplink(
                machine,
                socket(sockets),
                request.hostLoopback(),
                request.ipv6(),
                PortReservation.hold(request.ports(), InetAddress.ofLiteral("127.0.0.1")),
                warnings);
    }

    /** Returns where a machine's slirp4netns is spoken to. */
    public static Path socket(Path sockets) {
        return sockets.resolve("slirp.sock");
    }

    /** Returns the slirp4netns that serves a machine. */
    public static Optional<ProcessHandle> process(MachineId machine) {
        return new MachineProcesses(machine)
                .living().stream()
                        .filter(process -> process.info()
                                .command()
                                .filter(file -> Path.of(file).endsWith(SLIRP.program()))
                                .isPresent())
                        .findFirst();
    }

    /** Returns the address in the machine's namespace that published ports lead to. */
    public static String guestSide() {
        return OWN.getHostAddress();
    }

    @Override
    public Inet4Address address() {
        return OWN;
    }

    @Override
    public List<InetAddress> resolvers() {
        return List.of(RESOLVER); // which asks the host's own, whatever and wherever they are
    }

    @Override
    public List<String> search() {
        return search;
    }

    @Override
    public Inet4Address host() {
        return HOST;
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    /**
     * Every address there is the host's loopback to slirp4netns. Its own {@code --disable-host-loopback} would close the
     * way back as well: what a guest answers by UDP to a caller on the host's loopback never came.
     */
    @Override
    public List<String> closed() {
        return hostLoopback ? List.of() : NETWORKS;
    }

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public Entrance entrance(long namespace) {
        return new Entrance(namespace, true);
    }

    @Override
    public synchronized void attach(long namespace) throws FcvmException, InterruptedException {
        Process started = start(namespace);
        if (ipv6) {
            entrance(namespace).links(IPV6_LINKS);
        }
        // Nobody else gets the ports between here and there but who tries in this very moment.
        reserved.close();
        for (PublishedPort port : published) {
            open(port);
        }
        letManyCall(started.toHandle(), published, warnings);
        Thread.ofVirtual().name("slirp4netns-exit").start(() -> watch(started, namespace));
    }

    private Process start(long namespace) throws FcvmException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "-c",
                // In the machine's cgroup, as all that the guest makes work. The byte that says it is ready comes alone
                // on standard output; what it says goes the other way.
                "while [ \"$1\" != -- ]; do echo 0 >\"$1\"; shift; done; shift; exec \"$@\" 3>&1 1>&2",
                "sh"));
        words.addAll(cgroups(namespace));
        words.addAll(List.of(
                "--",
                SLIRP.require().toString(),
                "--configure",
                "--mtu=" + MTU,
                "--ready-fd=3",
                "--api-socket=" + socket,
                "--userns-path=/proc/" + namespace + "/ns/user",
                "--enable-sandbox",
                "--enable-seccomp"));
        if (ipv6) {
            words.add("--enable-ipv6");
        }
        words.addAll(List.of(Long.toString(namespace), INTERFACE));
        deleteSocket();
        Process started = new MachineProcesses(machine).startBeside(Path.of("/bin/sh"), words);
        process = started;
        LastWords said = new LastWords();
        said.drain(started.getErrorStream());
        awaitReady(started, said);
        return started;
    }

    private List<String> cgroups(long process) throws FcvmException {
        try {
            return CgroupTree.registers(machine, process);
        } catch (IOException e) {
            throw failed("its cgroups cannot be read: " + e.getMessage());
        }
    }

    private static void awaitReady(Process started, LastWords said) throws FcvmException, InterruptedException {
        var ready = new CompletableFuture<Integer>();
        Thread.ofPlatform().daemon().name("slirp4netns-ready").start(() -> {
            try {
                ready.complete(started.getInputStream().read());
            } catch (IOException e) {
                ready.completeExceptionally(e);
            }
        });
        try {
            if (ready.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) == '1') {
                return;
            }
            said.awaitEnd(Duration.ofSeconds(1));
            throw failed("slirp4netns ended: " + said.line());
        } catch (TimeoutException | ExecutionException e) {
            started.destroyForcibly();
            throw failed("slirp4netns did not get ready within " + PATIENCE.toSeconds() + " s: " + said.line());
        }
    }

    private static FcvmException failed(String why) {
        return new FcvmException(
                Kind.HOST, "cannot join the machine with a network: " + why + "; use --network none to do without");
    }

    private void open(PublishedPort port) throws FcvmException {
        try {
            new SlirpApi(socket).add(port, OWN.getHostAddress());
        } catch (SocketTimeoutException e) {
            throw new FcvmException(Kind.HOST, "cannot publish %s: %s".formatted(port, e.getMessage()), e);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "cannot publish %s: slirp4netns was refused it (%s); is it taken, or below 1024?"
                            .formatted(port, e.getMessage()),
                    e);
        }
    }

    /** Lets many callers of newly opened ports wait to be accepted. Without it they come through as well, if late. */
    public static void letManyCall(ProcessHandle slirp, List<PublishedPort> opened, Consumer<String> warnings) {
        if (opened.stream().noneMatch(port -> port.protocol() == Protocol.TCP)) {
            return;
        }
        try {
            ListenQueues.lengthen(slirp.pid());
        } catch (IOException e) {
            warnings.accept(
                    "of many connections at once to a published port some will take seconds: " + e.getMessage());
        }
    }

    /** A network that is gone would else be noticed by nobody but the container. */
    private void watch(Process started, long namespace) {
        try {
            int code = started.waitFor();
            synchronized (this) {
                if (closed || !started.equals(process)) {
                    return;
                }
                warnings.accept("the machine's network was lost: slirp4netns ended with exit code " + code
                        + (restarts < MOST_RESTARTS ? "; it is started anew, open connections are lost" : ""));
                if (restarts++ < MOST_RESTARTS) {
                    attach(namespace);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (FcvmException e) {
            warnings.accept("the machine has no network any more: " + e.getMessage());
        }
    }

    @Override
    public synchronized List<PublishedPort> published() {
        return List.copyOf(published);
    }

    @Override
    public synchronized PublishedPort publish(PublishedPort port) throws FcvmException {
        PublishedPort settled;
        try (PortReservation free = PortReservation.hold(List.of(port), InetAddress.ofLiteral("127.0.0.1"))) {
            settled = free.ports().getFirst();
        }
        open(settled);
        published.add(settled);
        if (process != null) {
            letManyCall(process.toHandle(), List.of(settled), warnings);
        }
        return settled;
    }

    @Override
    public synchronized void unpublish(PublishedPort port) throws FcvmException {
        try {
            new SlirpApi(socket).remove(port);
            published.remove(port);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot close %s: slirp4netns says: %s".formatted(port, e.getMessage()), e);
        }
    }

    @Override
    public synchronized void part() {
        closed = true;
    }

    @Override
    public void close() {
        Process running;
        synchronized (this) {
            closed = true;
            running = process;
            reserved.close();
        }
        if (running != null) {
            running.destroyForcibly();
            boolean interrupted = false;
            while (running.isAlive()) {
                try {
                    running.waitFor();
                } catch (InterruptedException e) {
                    interrupted = true; // a killed process ends at once
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void deleteSocket() throws FcvmException {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot delete the old socket %s: %s".formatted(socket, e), e);
        }
    }

    private static Inet4Address address(String literal) {
        return Inet4Address.ofLiteral(literal);
    }
}
