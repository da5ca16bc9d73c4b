package dev.fcvm.settings;

/** Which virtual machine monitor runs a machine. */
public enum VmmKind {
    /** Firecracker; needs KVM. */
    FIRECRACKER,
    /** QEMU's microvm machine, with KVM or in software. */
    QEMU,
    /** Firecracker where KVM runs guests and Firecracker is installed, else QEMU. */
    AUTO
}
