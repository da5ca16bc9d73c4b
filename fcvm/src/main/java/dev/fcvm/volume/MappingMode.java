package dev.fcvm.volume;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Settings;

/** One way to bring a directory into a machine. Has no state: what a machine has of it is an {@link AttachedMapping}. */
public interface MappingMode {

    /**
     * Refuses what cannot be, before anything is touched: a missing source, a missing tool, a privilege. Makes nothing.
     *
     * @param rootless whether the machine runs without root's privileges
     * @throws FcvmException with what is wrong and what to do
     */
    void check(Mapping.HostDirectory wanted, boolean rootless, Settings settings)
            throws FcvmException, InterruptedException;

    /**
     * Makes ready what the machine needs of the host, before it boots. What outlives this call by more than a process is
     * written down in the machine's journal before it is acquired.
     *
     * @param number the mapping's, counted from 0
     */
    AttachedMapping attach(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException;

    /**
     * Makes it ready for a machine that goes on from where another one was: what was saved of it lies in the machine's
     * directory.
     */
    default AttachedMapping restore(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        return attach(wanted, number, place);
    }

    /** Takes over a mapping of a machine that runs and that nobody supervises. */
    AttachedMapping adopt(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException;
}
