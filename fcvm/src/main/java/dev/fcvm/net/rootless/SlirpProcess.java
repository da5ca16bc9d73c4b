package dev.fcvm.net.rootless;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.CgroupEntry;
import dev.fcvm.host.confine.CgroupTree;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.port.ListenQueues;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.Tool;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.net.uplink.Uplink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * How slirp4netns is started for a machine. See slirp4netns(1).
 *
 * @param machine the machine
 * @param sockets a directory of the machine's own (0700)
 * @param user as whom it runs, who is nobody else; none for the user who starts it
 * @param log what it says
 * @param ipv6 whether it speaks IPv6
 * @param warnings is told in one line what is not as it should be
 */
record SlirpProcess(
        MachineId machine, Path sockets, OptionalInt user, HelperLog log, boolean ipv6, Consumer<String> warnings) {

    static final Tool PROGRAM = Tool.named("slirp4netns", "slirp4netns");

    private static final String SOCKET = "slirp.sock";

    /** What it has of the machine's directories when it is somebody else; covered by its own sandbox's root later. */
    private static final String OWN_DIRECTORY = "/sys";

    /** In the machine's cgroup, as all that the guest makes work. */
    private static final String ENTER = "while [ \"$1\" != -- ]; do echo 0 >\"$1\"; shift; done; shift; ";

    /** The byte that says it is ready comes alone on standard output; what it says goes the other way. */
    private static final String BECOME = HelperLog.LIMIT + "; exec \"$@\" 3>&1 1>&2";

    /** A directory for its socket and a node to make its interface by: what is root's is not open to it. */
    private static final String PREPARE = "mount --bind \"$1\" " + OWN_DIRECTORY
            + " && mount -t tmpfs -o size=4k,mode=755 tmpfs /dev/net && mknod -m 600 /dev/net/tun c 10 200"
            + " && chown \"$2\" /dev/net/tun \"$1\" && shift 2 || exit 1; ";

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Returns where it is spoken to. */
    Path socket() {
        return directory().resolve(SOCKET);
    }

    private Path directory() {
        return user.isPresent() ? sockets.resolve("up") : sockets;
    }

    /**
     * Starts one, and waits until it is ready; one that is somebody else leaves the interface without addresses.
     *
     * @param namespace a process in the machine's network namespace
     */
    Process start(long namespace) throws FcvmException, InterruptedException {
        deleteSocket();
        if (user.isEmpty()) {
            List<String> words = words(namespace, ENTER + BECOME);
            words.addAll(program(namespace, socket()));
            return started(words);
        }
        makeDirectory();
        try (Anteroom anteroom = Anteroom.open(machine, user.getAsInt())) {
            List<String> words = words(namespace, ENTER + PREPARE + BECOME);
            String number = Integer.toString(user.getAsInt());
            words.addAll(List.of(directory().toString(), number));
            words.addAll(List.of("setpriv", "--reuid=" + number, "--regid=" + number, "--clear-groups"));
            words.addAll(List.of("--inh-caps=-all", "--no-new-privs", "--"));
            words.addAll(program(anteroom.process(), Path.of(OWN_DIRECTORY, SOCKET)));
            Process started = started(words);
            boolean moved = false;
            try {
                anteroom.move(Uplink.INTERFACE, namespace);
                moved = true;
                return started;
            } finally {
                if (!moved) {
                    started.destroyForcibly();
                }
            }
        }
    }

    private List<String> words(long namespace, String script) throws FcvmException {
        CgroupEntry cgroup = cgroup(namespace);
        List<String> words = new ArrayList<>(cgroup.before());
        words.addAll(List.of("/bin/sh", "-c", script, "sh"));
        words.addAll(cgroup.registers());
        words.add("--");
        return words;
    }

    private List<String> program(long namespace, Path api) throws FcvmException {
        List<String> words = new ArrayList<>(List.of(
                PROGRAM.require().toString(),
                "--configure",
                "--mtu=" + SlirpUplink.MTU,
                "--ready-fd=3",
                "--api-socket=" + api,
                "--userns-path=/proc/" + namespace + "/ns/user",
                "--enable-sandbox",
                "--enable-seccomp"));
        if (ipv6) {
            words.add("--enable-ipv6");
        }
        words.addAll(List.of(Long.toString(namespace), Uplink.INTERFACE));
        return words;
    }

    private Process started(List<String> words) throws FcvmException, InterruptedException {
        Process started = new MachineProcesses(machine).startBeside(words, log.redirect());
        awaitReady(started);
        return started;
    }

    private CgroupEntry cgroup(long process) throws FcvmException {
        try {
            return CgroupTree.entry(machine, process);
        } catch (IOException e) {
            throw failed("its cgroups cannot be read: " + e.getMessage());
        }
    }

    private void awaitReady(Process started) throws FcvmException, InterruptedException {
        boolean ready = false;
        try {
            ready = isReady(started);
            if (!ready) {
                throw failed("slirp4netns ended: " + log.line());
            }
        } catch (TimeoutException | ExecutionException e) {
            throw failed("slirp4netns did not get ready within " + PATIENCE.toSeconds() + " s: " + log.line());
        } finally {
            if (!ready) {
                started.destroyForcibly();
            }
        }
    }

    private static boolean isReady(Process started) throws TimeoutException, ExecutionException, InterruptedException {
        var ready = new CompletableFuture<Integer>();
        Thread.ofPlatform().daemon().name("slirp4netns-ready").start(() -> {
            // The pipe is for this one byte.
            try (InputStream from = started.getInputStream()) {
                ready.complete(from.read());
            } catch (IOException e) {
                ready.completeExceptionally(e);
            }
        });
        return ready.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) == '1';
    }

    private static FcvmException failed(String why) {
        return new FcvmException(
                Kind.HOST, "cannot join the machine with a network: " + why + "; use --network none to do without");
    }

    /** Lets many callers of newly opened ports wait to be accepted. Without it they come through as well, if late. */
    void letManyCall(ProcessHandle slirp, List<PublishedPort> opened) {
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

    /** One from before is the user's by now, who may be another. */
    private void makeDirectory() throws FcvmException {
        try {
            DirectoryTree.delete(directory());
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot delete the old directory %s: %s".formatted(directory(), IoReason.of(e)), e);
        }
        PrivateDirectories.require(directory());
    }

    private void deleteSocket() throws FcvmException {
        try {
            Files.deleteIfExists(socket());
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot delete the old socket %s: %s".formatted(socket(), e), e);
        }
    }
}
