package dev.fcvm.volume.nfs;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.CgroupEntry;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** nfs-ganesha for one mapping of one machine: in the machine's namespaces and cgroups, and in a root of its own. */
final class NfsServer {

    /** The machine's gateway, which is its namespace's end of the tap. */
    static final String ADDRESS = "172.30.0.1";

    private static final String TAP = "vmtap0";
    private static final Tool GANESHA = Tool.named("ganesha.nfsd", "nfs-ganesha");
    private static final Tool NFT = Tool.named("nft", "nftables");
    private static final Tool NSENTER = Tool.named("nsenter", "util-linux");
    private static final String PLUGIN = "ganesha/libfsalvfs.so";
    private static final String SCRIPT = "ganesha.sh";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMillis(5);
    private static final String LISTENING = " 0A ";

    private final MachineId machine;
    private final String name;
    private final int port;

    NfsServer(MachineId machine, int number, int port) {
        this.machine = machine;
        this.name = "nfs-" + number;
        this.port = port;
    }

    /** Checks, before anything is made, that there can be one. */
    static void requireTools() throws FcvmException {
        GANESHA.require();
        NFT.require();
        NSENTER.require();
        if (plugin().isEmpty()) {
            throw new FcvmException(
                    Kind.HOST,
                    "nfs-ganesha cannot serve file systems: install its library, nfs-ganesha-vfs (apt-get install nfs-ganesha-vfs)");
        }
    }

    private static Optional<Path> plugin() {
        List<Path> places = new ArrayList<>(List.of(Path.of("/usr/lib64"), Path.of("/usr/lib")));
        try (DirectoryStream<Path> architectures = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu")) {
            architectures.forEach(places::add);
        } catch (IOException none) {
            return Optional.empty();
        }
        return places.stream()
                .map(place -> place.resolve(PLUGIN))
                .filter(Files::exists)
                .findFirst();
    }

    /** Returns whether one runs for this mapping, whoever has started it. */
    boolean isAlive() {
        return process().isPresent();
    }

    private Optional<ProcessHandle> process() {
        return new MachineProcesses(machine)
                .living().stream()
                        .filter(one -> one.info()
                                .commandLine()
                                .filter(line -> line.startsWith("/" + name + " "))
                                .isPresent())
                        .findFirst();
    }

    /** Ends it; what is mounted for it goes with it. */
    void end() {
        process().ifPresent(ProcessHandle::destroyForcibly);
    }

    /**
     * Starts it, and waits until it listens; then the guest may reach it.
     *
     * @param monitor a process in the machine's namespaces
     * @param source the file system's mount point
     */
    void start(long monitor, Path source, GaneshaConfig config)
            throws FcvmException, IOException, InterruptedException {
        requireTools();
        HelperPlace place = new HelperPlace.OfMachine(machine, monitor, false, OptionalInt.empty());
        CgroupEntry cgroup = place.cgroup();
        List<String> words = new ArrayList<>(cgroup.before());
        words.addAll(place.enter());
        words.addAll(List.of(
                "sh",
                "-s",
                GANESHA.require().toRealPath().toString(),
                plugin().orElseThrow().toRealPath().toString(),
                source.toRealPath().toString(),
                config.writable() ? "RW" : "RO",
                config.text(),
                name));
        words.addAll(cgroup.registers());
        Process started = new MachineProcesses(machine)
                .tag()
                .start(Path.of("/"), words, Redirect.PIPE, Redirect.DISCARD, Redirect.DISCARD);
        boolean ready = false;
        try {
            try (OutputStream script = started.getOutputStream()) {
                script.write(script());
            }
            awaitListening(started, monitor);
            open(monitor);
            ready = true;
        } finally {
            if (!ready) {
                end();
                started.destroyForcibly();
            }
        }
    }

    private static byte[] script() throws IOException {
        try (InputStream in = Objects.requireNonNull(NfsServer.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            return in.readAllBytes();
        }
    }

    /** Looks at short intervals at the sockets of the machine's namespace. */
    private void awaitListening(Process started, long monitor) throws FcvmException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!listens(monitor)) {
            if (!started.isAlive()) {
                throw new FcvmException(
                        Kind.HOST, "nfs-ganesha ended with exit code " + started.exitValue() + " before it listened");
            }
            if (System.nanoTime() > end) {
                throw new FcvmException(Kind.HOST, "nfs-ganesha did not listen within " + PATIENCE.toSeconds() + " s");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while nfs-ganesha was being started");
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    private boolean listens(long monitor) {
        String local = String.format(Locale.ROOT, ":%04X ", port);
        for (String table : List.of("tcp", "tcp6")) {
            try (Stream<String> sockets = Files.lines(Path.of("/proc", Long.toString(monitor), "net", table))) {
                if (sockets.anyMatch(line -> line.contains(local) && line.contains(LISTENING))) {
                    return true;
                }
            } catch (IOException | UncheckedIOException gone) {
                return false; // the monitor has ended, and so will the server
            }
        }
        return false;
    }

    /** Lets the guest in, and nobody else: all that is not named in the namespace's rules is refused. */
    private void open(long monitor) throws FcvmException, InterruptedException {
        String rule = "insert rule inet fcvm input iifname \"%s\" ip daddr %s tcp dport %d accept\n"
                .formatted(TAP, ADDRESS, port);
        Tool.Result result = NSENTER.with(
                        "--target",
                        Long.toString(monitor),
                        "--net",
                        "--",
                        NFT.require().toString(),
                        "-f",
                        "-")
                .reading(rule.getBytes(StandardCharsets.UTF_8))
                .run();
        if (!result.succeeded()) {
            throw new FcvmException(
                    Kind.HOST,
                    "the machine's network cannot be opened to its NFS server (a machine without a network has none): "
                            + result.lastWords());
        }
    }
}
