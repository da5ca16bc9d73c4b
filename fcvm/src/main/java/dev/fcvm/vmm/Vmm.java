package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;

/** A virtual machine monitor: boots machines. One implementation a monitor; the same contract test runs on each. */
public interface Vmm {

    /** Returns {@code qemu} or {@code firecracker}. */
    String name();

    /**
     * Checks that machines can be confined this way, before anything is made for one.
     *
     * @throws FcvmException when something for it is missing
     */
    void check(VmSpec.Isolation isolation) throws FcvmException;

    /**
     * Starts a machine and returns as soon as its process runs and obeys; the guest's kernel may not have begun.
     * On any failure nothing is left: no process, no file beyond the console log.
     *
     * @throws FcvmException when the monitor is missing, refuses, or dies at once
     */
    RunningVm boot(VmSpec spec) throws FcvmException, InterruptedException;
}
