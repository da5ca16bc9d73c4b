package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine's place in a network that joins machines; its own until this is closed. */
public final class Membership implements AutoCloseable {

    private static final int MOST_RESTARTS = 3;

    private final NamedNetworks networks;
    private final NamedNetwork network;
    private final MachineId machine;
    private final Members.Claim claim;

    private @Nullable Process plug;
    private int restarts;
    private boolean parted;
    private boolean closed;

    Membership(NamedNetworks networks, NamedNetwork network, MachineId machine, Members.Claim claim) {
        this.networks = networks;
        this.network = network;
        this.machine = machine;
        this.claim = claim;
    }

    MemberRules rules() {
        return new MemberRules(claim.address(), network.subnet());
    }

    /** Returns where the names of the network's machines are to be read. */
    Path names() {
        return networks.names(network);
    }

    /**
     * Plugs the machine in.
     *
     * @param enter the words to put before a command that is to be in the machine's namespace
     * @param warnings is told in one line when the machine has lost the network; on a thread of its own
     */
    synchronized void attach(List<String> enter, Consumer<String> warnings) throws FcvmException, InterruptedException {
        Process started = networks.plug(network, machine, enter);
        plug = started;
        Thread.ofVirtual().name("vde_plug2tap-exit").start(() -> watch(started, enter, warnings));
    }

    /** A network that is gone would else be noticed by nobody but the container. */
    private void watch(Process started, List<String> enter, Consumer<String> warnings) {
        try {
            int code = started.waitFor();
            synchronized (this) {
                if (parted || closed) {
                    return;
                }
                warnings.accept("the network %s was lost: vde_plug2tap ended with exit code %d%s"
                        .formatted(
                                network.name(), code, restarts < MOST_RESTARTS ? "; the machine joins it anew" : ""));
                if (restarts++ < MOST_RESTARTS) {
                    attach(enter, warnings);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (FcvmException e) {
            warnings.accept("the machine is in the network %s no more: %s".formatted(network.name(), e.getMessage()));
        }
    }

    /** Says that the machine is about to end. */
    synchronized void part() {
        parted = true;
    }

    /** Leaves the network; idempotent. The last one ends it. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (plug != null) {
            plug.destroyForcibly();
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
