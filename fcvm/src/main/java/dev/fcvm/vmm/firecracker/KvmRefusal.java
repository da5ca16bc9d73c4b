package dev.fcvm.vmm.firecracker;

import java.util.Optional;

/** Firecracker opens KVM only when the machine starts; what it then says is for those who know it. */
final class KvmRefusal {

    private static final String SIGN = "Error creating KVM object";

    private KvmRefusal() {}

    /** Explains to the user what is wrong with KVM, if that is what Firecracker complains of. */
    static Optional<String> explain(String fault) {
        if (!fault.contains(SIGN)) {
            return Optional.empty();
        }
        return Optional.of(
                fault.contains("Permission denied")
                        ? "firecracker may not use /dev/kvm: join the group it belongs to (usually: sudo usermod -aG kvm"
                                + " \"$USER\", then log in anew), or use --vmm qemu"
                        : "firecracker cannot use /dev/kvm (%s): load the kernel's KVM module, or use --vmm qemu"
                                .formatted(fault.substring(fault.indexOf(SIGN) + SIGN.length())
                                        .replaceAll("Make sure the user(?s:.*)", "")
                                        .replaceAll("^[:\\s]+|\\s+$", "")));
    }
}
