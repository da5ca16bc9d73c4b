package dev.fcvm.volume;

import dev.fcvm.error.FcvmException;
import dev.fcvm.plan.MountSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A mapping of one machine, from before its boot to after its end. Called in this order: {@link #disk}, {@link #source},
 * {@link #connect}, {@link #takeBack}, {@link #close}; each at most once, but {@link #connect}, which is called for each
 * session with the machine's agent.
 */
public interface AttachedMapping extends AutoCloseable {

    /**
     * A disk of the machine.
     *
     * @param file a raw image
     * @param readOnly whether the monitor opens it so: a guest cannot undo that
     */
    record Disk(Path file, boolean readOnly) {}

    /**
     * A file that is saved with the machine, since its guest has it in its memory.
     *
     * @param file what it is now
     * @param shared whether it never changes, so that another name for it is as good as a copy
     */
    record Saved(Path file, boolean shared) {}

    /**
     * Returns what is saved with the machine, by the names ({@link MappingPlace#disk}) under which it is found in the
     * directory of a machine that is made of that. Nothing of a directory that is live.
     *
     * @param number the mapping's
     */
    default Map<String, Saved> saved(int number) {
        return Map.of();
    }

    /** Returns the disk it is, if it is one. */
    Optional<Disk> disk();

    /** Returns the file that takes more of this host's disk the more the machine writes, if there is one. */
    default Optional<Path> growing() {
        return disk().filter(disk -> !disk.readOnly()).map(Disk::file);
    }

    /**
     * Returns what the agent mounts.
     *
     * @param index which of the machine's disks {@link #disk} has become; without meaning where there is none
     */
    MountSource source(int index);

    /** Returns the path in what is mounted of what the container gets; empty for all of it. */
    default String inside() {
        return "";
    }

    /** Returns the one file of what is served that is a disk, whose file system is meant; empty where there is none. */
    default String servedDisk() {
        return "";
    }

    /**
     * The agent is there, and waits with the container until it can mount. Called again when another process has taken the
     * machine over, or the session with the agent is a new one.
     *
     * @param guest a way to the agent
     */
    default void connect(MappedGuest guest) throws FcvmException, InterruptedException {}

    /**
     * The machine has ended, and its monitor with it: what the container changed comes back, where that is to be. Called
     * by the sweep as well, of a machine that was killed.
     *
     * @throws FcvmException with what did not come back, why, and where it is kept
     */
    default void takeBack() throws FcvmException, InterruptedException {}

    /**
     * The machine stands still, and goes on afterwards: what the container has changed comes back, where it is not live.
     * Whatever was told by then is on its disks.
     */
    default void sync() throws FcvmException {}

    /** Leaves it, as it is, to another process: {@link #close} takes nothing back any more. */
    default void letGo() {}

    /** The machine is suspended: what its guest has in its memory stays its own, and {@link #close} releases the rest. */
    default void suspend() {}

    /** Releases what it has on the host. Idempotent. */
    @Override
    void close() throws FcvmException;
}
