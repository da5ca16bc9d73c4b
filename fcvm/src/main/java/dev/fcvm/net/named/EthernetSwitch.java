package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.Helper;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.host.confine.MachineUser;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.uplink.HelperLog;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

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

    private static final String WIRE = "wire";
    private static final String CONTROL = "ctl";
    /** Where its sockets are for itself and the plugs, which tell each other the names of more. */
    private static final String INSIDE = "/" + WIRE + "/" + CONTROL;

    /** A plug that is about to go, and the next to come. */
    private static final int SPARE_PORTS = 16;

    /** The variable in its environment that holds the network's id. */
    private static final String VARIABLE = "FCVM_NETWORK_ID";

    private static final Tool SWITCH = Tool.named("vde_switch", "vde2");
    /** What carries a machine's frames. */
    static final String PLUG_PROGRAM = "vde_plug2tap";

    private static final Tool PLUG = Tool.named(PLUG_PROGRAM, "vde2");
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

    /** Open to all who get there: nobody but the user and those it is handed to, whatever users they are. */
    private Path wire() {
        return directory.resolve(WIRE);
    }

    private HelperLog log() {
        return new HelperLog(directory.resolve("switch.log"));
    }

    private Path control() {
        return wire().resolve(CONTROL);
    }

    private Path record() {
        return directory.resolve("switch.json");
    }

    /**
     * What was started last, if it runs and was seen to serve. With it a switch is found without a look at every process of
     * the host; one whose starter was killed before this was written is found by its tag.
     */
    private Optional<ProcessIdentity> running() {
        try {
            return Optional.of(record())
                    .filter(Files::exists)
                    .map(EthernetSwitch::read)
                    .filter(ProcessIdentity::isAlive);
        } catch (UncheckedIOException | JsonException damaged) {
            return Optional.empty();
        }
    }

    private static ProcessIdentity read(Path file) {
        try {
            return Jsonb.instance().type(ProcessIdentity.class).fromJson(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean runs() {
        return Files.exists(control().resolve(CONTROL)) && running().isPresent();
    }

    /**
     * Has it run: it goes on when this process ends. Not to be called by two at once.
     *
     * @param users of whom it gets one, if root starts it; its own as long as it lives
     */
    void ensure(UserRange users) throws FcvmException, InterruptedException {
        if (runs()) {
            return;
        }
        end();
        PrivateDirectories.require(directory);
        try {
            Files.createDirectory(wire());
            Files.setPosixFilePermissions(wire(), PosixFilePermissions.fromString("rwxrwxrwx"));
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot make the network's directory %s: %s".formatted(wire(), e), e);
        }
        if (PrivateDirectories.currentUser() != 0) {
            start(new HelperPlace.Alone(OptionalInt.empty()));
            return;
        }
        // A user whose process lives is given to nobody else, so the claim is needed until then alone.
        Journal journal = journal();
        try {
            MachineUser user = MachineUser.claim(network, users, MachineUser.Purpose.HELPERS, journal);
            start(new HelperPlace.Alone(OptionalInt.of(user.number())));
        } finally {
            journal.releaseAll();
        }
    }

    private Journal journal() throws FcvmException {
        return Journal.open(directory.resolve("journal"), List.of(MachineUser.KIND));
    }

    private void start(HelperPlace place) throws FcvmException, InterruptedException {
        Process started = Helper.of(SWITCH)
                .handing(wire(), WIRE, false)
                .with(List.of(
                        "--sock",
                        INSIDE,
                        "--mode",
                        "0666",
                        "--dirmode",
                        "0777",
                        "--numports",
                        Integer.toString(MOST_MEMBERS + SPARE_PORTS),
                        // Nor the host's nor the user's own settings of such switches.
                        "--rcfile",
                        "/dev/null"))
                .start(tag(), place, log().redirect());
        boolean ready = false;
        try {
            await(started, log(), "vde_switch", "cannot start the network's switch: ", () -> answers());
            AtomicFiles.write(
                    record(), Jsonb.instance().type(ProcessIdentity.class).toJson(ProcessIdentity.of(started.pid())));
            ready = true;
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot write down the network's switch in %s: %s".formatted(record(), IoReason.of(e)),
                    e);
        } finally {
            if (!ready) {
                tag().killAll();
            }
        }
    }

    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(control().resolve(CONTROL)));
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Ends it, and takes away its sockets, should they be there still. Idempotent. */
    void end() throws FcvmException {
        // It ends with its process, and its process with it: nothing else carries its tag then.
        if (!running().map(ProcessIdentity::kill).orElse(false)) {
            tag().killAll();
        }
        journal().releaseAll();
        try {
            Files.deleteIfExists(record());
            empty(control());
            Files.deleteIfExists(control());
            empty(wire());
            Files.deleteIfExists(wire());
            Files.deleteIfExists(log().file());
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot take away the sockets in %s: %s".formatted(directory, e), e);
        }
    }

    private static void empty(Path sockets) throws IOException {
        if (Files.isDirectory(sockets, LinkOption.NOFOLLOW_LINKS)) {
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
     * @param place in its namespaces, where {@link #INTERFACE} is
     * @param log what it says
     * @return what carries its frames, as long as it is plugged in
     */
    Process plug(MachineId machine, HelperPlace place, HelperLog log) throws FcvmException, InterruptedException {
        Helper helper = Helper.of(PLUG)
                .loading("vdeplug/libvdeplug_vde.so")
                .handing(wire(), WIRE, false)
                .opening()
                .with(List.of("--sock", INSIDE, "--mod", "0777", INTERFACE));
        if (place.user().isEmpty()) {
            // It can do nothing with it here. A monitor of the same user, which has none, may not look into it then.
            helper = helper.keeping("net_bind_service");
        }
        Process plug = helper.start(new MachineProcesses(machine).tag(), place, log.redirect());
        boolean ready = false;
        try {
            // It says nothing. It opens the tap when it is joined with the switch.
            await(
                    plug,
                    log,
                    "vde_plug2tap",
                    "cannot join the machine with its network: ",
                    () -> plug.descendants().anyMatch(process -> hasTap(process.pid())));
            ready = true;
            return plug;
        } finally {
            if (!ready) {
                plug.destroyForcibly();
            }
        }
    }

    /** Looks at short intervals. */
    private static void await(Process started, HelperLog log, String program, String failure, BooleanSupplier ready)
            throws FcvmException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!ready.getAsBoolean()) {
            if (!started.isAlive()) {
                throw new FcvmException(Kind.HOST, failure + program + ": " + Helper.explained(log.line()));
            }
            if (System.nanoTime() > end) {
                throw new FcvmException(
                        Kind.HOST, failure + program + ": not ready within " + PATIENCE.toSeconds() + " s");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while the machine was being joined with others");
            }
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
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
