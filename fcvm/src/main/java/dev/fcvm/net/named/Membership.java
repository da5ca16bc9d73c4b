package dev.fcvm.net.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.UserRange;
import dev.fcvm.host.confine.HelperPlace;
import dev.fcvm.net.uplink.KeptRunning;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine's place in a network that joins machines; its own until this is closed. */
public final class Membership implements AutoCloseable {

    private final NamedNetworks networks;
    private final NamedNetwork network;
    private final MachineId machine;
    private final Members.Claim claim;

    private @Nullable KeptRunning plug;
    private boolean closed;

    Membership(NamedNetworks networks, NamedNetwork network, MachineId machine, Members.Claim claim) {
        this.networks = networks;
        this.network = network;
        this.machine = machine;
        this.claim = claim;
    }

    /**
     * Returns the rules for it.
     *
     * @param user who carries its frames, as a number in the machine's namespace
     */
    public MemberRules rules(int user) {
        return new MemberRules(claim.address(), network.subnet(), user);
    }

    /** Returns where the names of the network's machines are to be read. */
    public Path names() {
        return networks.names(network);
    }

    /**
     * Plugs the machine in.
     *
     * @param place where what carries its frames runs
     * @param users of whom the network's switch gets one, if root starts it
     * @param warnings is told in one line when the machine has lost the network; on a thread of its own
     */
    public synchronized void attach(HelperPlace place, UserRange users, Consumer<String> warnings)
            throws FcvmException, InterruptedException {
        plug = new KeptRunning(
                "vde_plug2tap",
                "the network " + network.name(),
                () -> networks.plug(network, machine, place, users),
                warnings);
        plug.run();
    }

    /** Says that the machine is about to end. */
    public synchronized void part() {
        if (plug != null) {
            plug.part();
        }
    }

    /** Leaves the network; idempotent. The last one ends it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (plug != null) {
            plug.close();
        }
        // An interrupted run leaves as any other.
        boolean interrupted = Thread.interrupted();
        try {
            boolean left = false;
            while (!left) {
                try {
                    networks.leave(network, claim);
                    left = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (FcvmException e) {
            throw new IllegalStateException(
                    "cannot leave the network %s: %s".formatted(network.name(), e.getMessage()), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
