package dev.fcvm.vmm.qemu;

/** What runs a guest's code. */
public sealed interface Accelerator {

    /** The host's processor, through KVM. */
    record Kvm() implements Accelerator {}

    /**
     * QEMU itself, in software.
     *
     * @param tscKhz the rate of the host's time stamp counter in kHz, which the guest sees and cannot measure well: its
     *     kernel hangs at random when it tries
     */
    record Software(long tscKhz) implements Accelerator {}
}
