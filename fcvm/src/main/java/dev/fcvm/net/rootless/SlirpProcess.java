package dev.fcvm.net.rootless;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.ListenQueues;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.host.Tool;
import dev.fcvm.host.confine.CgroupTree;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * How slirp4netns is started for a machine. See slirp4netns(1).
 *
 * @param machine the machine
 * @param socket where it is spoken to
 * @param log what it says
 * @param ipv6 whether it speaks IPv6
 * @param warnings is told in one line what is not as it should be
 */
record SlirpProcess(MachineId machine, Path socket, HelperLog log, boolean ipv6, Consumer<String> warnings) {

    static final Tool PROGRAM = Tool.named("slirp4netns", "slirp4netns");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * Starts one, and waits until it is ready.
     *
     * @param namespace a process in the machine's network namespace
     */
    Process start(long namespace) throws FcvmException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "-c",
                // In the machine's cgroup, as all that the guest makes work. The byte that says it is ready comes alone
                // on standard output; what it says goes the other way.
                "while [ \"$1\" != -- ]; do echo 0 >\"$1\"; shift; done; shift; " + HelperLog.LIMIT
                        + "; exec \"$@\" 3>&1 1>&2",
                "sh"));
        words.addAll(cgroups(namespace));
        words.addAll(List.of(
                "--",
                PROGRAM.require().toString(),
                "--configure",
                "--mtu=" + SlirpUplink.MTU,
                "--ready-fd=3",
                "--api-socket=" + socket,
                "--userns-path=/proc/" + namespace + "/ns/user",
                "--enable-sandbox",
                "--enable-seccomp"));
        if (ipv6) {
            words.add("--enable-ipv6");
        }
        words.addAll(List.of(Long.toString(namespace), Uplink.INTERFACE));
        deleteSocket();
        Process started = new MachineProcesses(machine).startBeside(Path.of("/bin/sh"), words, log.redirect());
        awaitReady(started);
        return started;
    }

    private List<String> cgroups(long process) throws FcvmException {
        try {
            return CgroupTree.registers(machine, process);
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

    private void deleteSocket() throws FcvmException {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot delete the old socket %s: %s".formatted(socket, e), e);
        }
    }
}
