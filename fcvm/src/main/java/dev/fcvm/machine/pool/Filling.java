package dev.fcvm.machine.pool;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.live.Parked;

/** What makes the machines of pools. */
public interface Filling {

    /**
     * Makes one.
     *
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    Parked fill(PoolRecord pool) throws FcvmException, InterruptedException;

    /** Returns whether a machine that waits is what whoever takes one would have now. */
    boolean isOfUse(PoolRecord pool, Parked machine) throws FcvmException, InterruptedException;

    /** Returns about how many bytes of the host's memory one takes that stands still, before one has been looked at. */
    long costs(PoolRecord pool) throws FcvmException, InterruptedException;

    /** Returns how many bytes of memory the host would give to whoever asked for it now. */
    long available();
}
