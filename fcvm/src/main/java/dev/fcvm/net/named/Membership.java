package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.uplink.HelperLog;
import dev.fcvm.net.uplink.HelperProcess;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine's place in a network that joins machines; its own until this is closed. */
public final class Membership implements AutoCloseable {

    /** By what its process is known to whoever writes it down. */
    public static final String PLUG = EthernetSwitch.PLUG_PROGRAM;

    private final NamedNetworks networks;
    private final NamedNetwork network;
    private final PlaceInNetwork place;
    private final Journal journal;

    private @Nullable HelperProcess plug;
    private boolean closed;

    Membership(NamedNetworks networks, NamedNetwork network, PlaceInNetwork place, Journal journal) {
        this.networks = networks;
        this.network = network;
        this.place = place;
        this.journal = journal;
    }

    /** Returns the machine's address there. */
    public Inet4Address address() {
        return place.address();
    }

    /**
     * Returns the rules for it.
     *
     * @param user who carries its frames, as a number in the machine's namespace
     */
    public MemberRules rules(int user) {
        return new MemberRules(place.address(), network.subnet(), user);
    }

    /** Returns where the names of the network's machines are to be read. */
    public Path names() {
        return networks.names(network);
    }

    /**
     * How the machine is plugged in.
     *
     * @param place where what carries its frames runs
     * @param users of whom the network's switch gets one, if root starts it
     * @param directory the machine's
     * @param record is given what identifies the process, to be written down
     * @param warnings is told in one line when the machine has lost the network; on a thread of its own
     */
    public record Socket(
            HelperPlace place,
            UserRange users,
            Path directory,
            HelperProcess.Noted record,
            Consumer<String> warnings) {}

    /** Plugs the machine in. */
    public void attach(Socket socket) throws FcvmException, InterruptedException {
        plug(socket).run();
    }

    /**
     * Takes over what carries the machine's frames; where it has ended meanwhile, the machine is plugged in anew.
     *
     * @param known its process, as it was written down
     */
    public void adopt(Socket socket, Optional<ProcessIdentity> known) throws FcvmException, InterruptedException {
        plug(socket).adopt(known);
    }

    private synchronized HelperProcess plug(Socket socket) {
        HelperLog log = new HelperLog(socket.directory().resolve(PLUG + ".log"));
        HelperProcess made = new HelperProcess(
                place.machine(),
                PLUG,
                new HelperProcess.Loss("the network " + network.name(), ""),
                () -> networks.plug(network, place.machine(), socket.place(), socket.users(), log),
                socket.record(),
                socket.warnings());
        plug = made;
        return made;
    }

    /** Says that the machine is about to end. */
    public synchronized void part() {
        if (plug != null) {
            plug.part();
        }
    }

    /** Leaves the machine in the network, in nobody's hands. */
    public synchronized void letGo() {
        closed = true;
        if (plug != null) {
            plug.letGo();
        }
    }

    /**
     * Leaves the network; idempotent. The last one ends it.
     *
     * @throws FcvmException when that fails; it stays written down, for another try
     */
    @Override
    public synchronized void close() throws FcvmException {
        if (closed) {
            return;
        }
        if (plug != null) {
            plug.close();
        }
        journal.release(place);
        closed = true;
    }
}
