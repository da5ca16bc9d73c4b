package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.LastWords;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.host.PrivateDirectories;
import dev.fcvm.host.ProcessTag;
import dev.fcvm.host.Tool;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The switch of a network that joins machines: vde_switch, which passes Ethernet frames on between processes. Network
 * namespaces of different user namespaces cannot share a veth without root; a socket of the user's they can. Each
 * machine is plugged in by a vde_plug2tap in its namespace. See vde_switch(1), vde_plug2tap(1).
 *
 * @param network the network's identity, by which the switch is found again
 * @param directory a directory of its own for its sockets, of nobody but the user
 */
record EthernetSwitch(MachineId network, Path directory) {

    /** The name of the network's interface in a machine's namespace. */
    static final String INTERFACE = "net0";

    /** What a frame carries at most; vde_switch's own limit. */
    static final int MTU = 1500;

    /** How many machines a network joins at most: the places of a /24. */
    static final int MOST_MEMBERS = 254;

    /** A plug that is about to go, and the next to come. */
    private static final int SPARE_PORTS = 16;

    /** The variable in its environment that holds the network's id. */
    private static final String VARIABLE = "FCVM_NETWORK_ID";

    private static final Tool SWITCH = Tool.named("vde_switch", "vde2");
    private static final Tool PLUG = Tool.named("vde_plug2tap", "vde2");
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    /** Checks, before anything is made, that there can be one. */
    static void check() throws FcvmException {
        SWITCH.require();
        PLUG.require();
    }

    private ProcessTag tag() {
        return new ProcessTag(VARIABLE, network.value());
    }

    private Path control() {
        return directory.resolve("ctl");
    }

    private boolean runs() {
        return Files.exists(control().resolve("ctl")) && !tag().holders().isEmpty();
    }

    /** Has it run: it goes on when this process ends. Not to be called by two at once. */
    void ensure() throws FcvmException, InterruptedException {
        if (runs()) {
            return;
        }
        end();
        PrivateDirectories.require(directory);
        Tool.Result result = Tool.named("setsid", "util-linux")
                .with(
                        "env",
                        "--ignore-environment",
                        VARIABLE + "=" + network.value(),
                        SWITCH.require().toString(),
                        "--sock",
                        control().toString(),
                        "--mode",
                        "0600",
                        "--dirmode",
                        "0700",
                        "--numports",
                        Integer.toString(MOST_MEMBERS + SPARE_PORTS),
                        // Nor the host's nor the user's own settings of such switches.
                        "--rcfile",
                        "/dev/null",
                        // It says so by the end of the first process that it listens.
                        "--daemon")
                .run();
        if (!result.succeeded()) {
            throw new FcvmException(Kind.HOST, "cannot start the network's switch: vde_switch: " + result.lastWords());
        }
    }

    /** Ends it, and takes away its sockets, should they be there still. Idempotent. */
    void end() throws FcvmException {
        tag().killAll();
        try {
            empty(control());
            Files.deleteIfExists(control());
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot take away the sockets in %s: %s".formatted(directory, e), e);
        }
    }

    private static void empty(Path sockets) throws IOException {
        if (Files.exists(sockets)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(sockets)) {
                for (Path entry : entries) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    /**
     * Plugs a machine in. On return frames pass.
     *
     * @param enter the words to put before a command that is to be in its namespace, where {@link #INTERFACE} is
     * @return what carries its frames, as long as it is plugged in
     */
    Process plug(MachineId machine, List<String> enter) throws FcvmException, InterruptedException {
        List<String> words = new ArrayList<>(enter.subList(1, enter.size()));
        words.addAll(List.of(PLUG.require().toString(), "--sock", control().toString(), INTERFACE));
        Process plug = new MachineProcesses(machine)
                .startBeside(Tool.named(enter.getFirst(), "util-linux").require(), words);
        boolean ready = false;
        try {
            var said = new LastWords();
            said.drain(plug.getErrorStream());
            awaitCarrier(plug, said);
            ready = true;
            return plug;
        } finally {
            if (!ready) {
                plug.destroyForcibly();
            }
        }
    }

    /** Looks at short intervals: it says nothing. It opens the tap when it is joined with the switch. */
    private static void awaitCarrier(Process plug, LastWords said) throws FcvmException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!hasTap(plug.pid())) {
            if (!plug.isAlive()) {
                said.awaitEnd(Duration.ofSeconds(1));
                throw failed(said.line());
            }
            if (System.nanoTime() > end) {
                throw failed("not ready within " + PATIENCE.toSeconds() + " s");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while the machine was being joined with others");
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    private static FcvmException failed(String why) {
        return new FcvmException(Kind.HOST, "cannot join the machine with its network: vde_plug2tap: " + why);
    }

    /** The kernel says of a descriptor of /dev/net/tun which interface it is: see tuntap.rst, and proc(5) on fdinfo. */
    private static boolean hasTap(long process) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + process + "/fdinfo"))) {
            for (Path descriptor : descriptors) {
                if (Files.readString(descriptor).contains("iff:\t" + INTERFACE + "\n")) {
                    return true;
                }
            }
            return false;
        } catch (IOException closedOrEnded) {
            return false;
        }
    }
}
