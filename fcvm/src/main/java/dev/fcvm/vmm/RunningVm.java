package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A machine whose monitor runs. Closing it kills the monitor, waits for its end and removes its sockets. */
public interface RunningVm extends AutoCloseable {

    /** Returns what another process needs to take the machine over, now and as long as it runs. */
    VmHandle handle();

    /**
     * Closes this process's ends and leaves the machine running: it is in nobody's hands then, and {@link Vmm#attach}
     * takes it over. Nothing else may be called afterwards, but {@link #close}, which does nothing. Idempotent.
     */
    void letGo();

    /** Returns the process id of the monitor, as the host sees it. */
    long pid();

    /**
     * Opens a new byte channel to the agent. Blocks until the channel stands, which may be before the agent listens
     * (QEMU) or only when it does (vsock).
     *
     * @throws IOException when the machine has ended
     */
    ByteChannel dialAgent() throws IOException, InterruptedException;

    /** Tells whether the guest gets the plan from its monitor; else it must come over the link. */
    boolean hasPlan();

    /**
     * Has the monitor forget the plan, where it would give it to anybody in the guest who asks; called when the agent has
     * it. A second call does no harm.
     */
    default void forgetPlan() throws FcvmException, InterruptedException {}

    /** Stops the vCPUs. Idempotent. */
    void pause() throws FcvmException, InterruptedException;

    /** Lets the vCPUs go on. Idempotent. */
    void resume() throws FcvmException, InterruptedException;

    /**
     * Saves the machine, which must stand still and have an {@linkplain VmSpec#exchanging exchange}: into its files {@value
     * VmSnapshot#STATE} and {@value VmSnapshot#MEMORY}, which are the monitor's to write to from then on. It goes on with
     * {@link #resume}.
     *
     * @throws FcvmException when the monitor cannot, or fails to
     */
    default void save() throws FcvmException, InterruptedException {
        throw new FcvmException(FcvmException.Kind.VMM, "this machine's monitor cannot save it");
    }

    /**
     * Opens the file of a disk anew, in whose place another has been put. The machine stands still.
     *
     * @param disk by its number, from 0
     * @throws FcvmException when the monitor cannot, or fails to
     */
    default void reopen(int disk) throws FcvmException, InterruptedException {
        throw new FcvmException(FcvmException.Kind.VMM, "this machine's monitor cannot change its disks");
    }

    /** Returns which monitor this is, and of which version; empty where that does not matter. */
    default String monitor() {
        return "";
    }

    /** Returns what the user should know about this monitor's version, one line each. */
    default List<String> warnings() {
        return List.of();
    }

    /** Waits for the machine's end for at most this long; empty when it still runs. */
    Optional<VmExit> awaitExit(Duration atMost) throws InterruptedException;

    /**
     * Says that the guest has been asked to switch itself off, so that its end is looked for closely: not every monitor
     * ends by itself then.
     */
    default void expectEnd() {}

    /** Returns the last of what the guest's serial console said, bounded in size, with control characters made harmless. */
    String consoleText();

    /** Returns the last lines of the console, at most this many, with control characters made harmless. */
    String consoleTail(int lines);

    /**
     * Kills the monitor if it still runs, waits for its end, and takes back what it had on the host. Idempotent.
     *
     * @throws FcvmException when something stays; the monitor has ended all the same
     */
    @Override
    void close() throws FcvmException;
}
