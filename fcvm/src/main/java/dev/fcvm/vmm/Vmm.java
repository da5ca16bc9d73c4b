package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.journal.Journal;

/** A virtual machine monitor: boots machines. One implementation a monitor; the same contract test runs on each. */
public interface Vmm {

    /** Returns {@code qemu} or {@code firecracker}. */
    String name();

    /**
     * Returns what tells this program, and what of the host it uses, from any other: two machines that were booted with
     * one identity go on under it when they were saved.
     */
    default String identity() {
        return name();
    }

    /** Returns its name and version, as {@link RunningVm#monitor} gives it of a machine; empty where that does not matter. */
    default String version() throws FcvmException, InterruptedException {
        return "";
    }

    /** Returns what it can do here. */
    VmmCapabilities capabilities();

    /**
     * Checks that machines can be confined this way, before anything is made for one.
     *
     * @throws FcvmException when something for it is missing
     */
    void check(VmSpec.Isolation isolation) throws FcvmException;

    /**
     * Starts a machine and returns as soon as its process runs and obeys; the guest's kernel may not have begun.
     * On any failure nothing is left: no process, no file beyond the console log. The machine outlives this process.
     *
     * @param journal the machine's; what the monitor and its confinement have on the host is written down there, by
     *     resources of the confinement's kinds
     * @throws FcvmException when the monitor is missing, refuses, or dies at once
     */
    RunningVm boot(VmSpec spec, Journal journal) throws FcvmException, InterruptedException;

    /**
     * Takes over a machine that another process has booted and that is not in anybody's hands now. One that has ended
     * meanwhile is taken over as well: {@link RunningVm#awaitExit} tells at once how, and nothing else works on it.
     *
     * @param handle of {@link RunningVm#handle}, of this monitor
     * @param journal the machine's, as in {@link #boot}; {@link RunningVm#close} releases the monitor's part of it
     * @throws FcvmException when the monitor runs and does not obey; it goes on running
     */
    RunningVm attach(VmHandle handle, Journal journal) throws FcvmException, InterruptedException;

    /**
     * Makes a machine of what was saved of another, in a new process. It stands still: {@link RunningVm#resume} lets it go
     * on. It gets its disks, network and link from its own description, and processors, memory and limits from what was
     * saved. Any number can be made of one snapshot, whose files are only read; they may be deleted as soon as this
     * returns.
     *
     * @param spec the machine; its disks have the sizes of those that were saved, its card is there when theirs was
     * @param journal the machine's, as in {@link #boot}
     * @throws FcvmException when the monitor cannot, or refuses it; nothing is left then
     */
    default RunningVm restore(VmSpec spec, Journal journal, VmSnapshot snapshot)
            throws FcvmException, InterruptedException {
        throw new FcvmException(
                FcvmException.Kind.VMM,
                name() + " cannot restore machines");
    }
}
