package dev.fcvm.vmm.firecracker;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Firecracker opens KVM only when the machine starts; what it then says is for those who know it. And in a jail there is
 * no device at all for a user who may not open it.
 */
final class KvmRefusal {

    private static final String SIGN = "Error creating KVM object";

    private static final String FORBIDDEN =
            "firecracker may not use /dev/kvm: join the group it belongs to (usually: sudo usermod -aG kvm \"$USER\","
                    + " then log in anew), or use --vmm qemu";

    private KvmRefusal() {}

    /** Checks before anything is started that the user may open the device. */
    static void check(Path device) throws FcvmException {
        if (!Files.exists(device)) {
            throw new FcvmException(
                    Kind.HOST,
                    "firecracker cannot run here: there is no %s: load the kernel's KVM module, or use --vmm qemu"
                            .formatted(device));
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            throw new FcvmException(Kind.HOST, FORBIDDEN);
        }
    }

    /** Explains to the user what is wrong with KVM, if that is what Firecracker complains of. */
    static Optional<String> explain(String fault) {
        if (!fault.contains(SIGN)) {
            return Optional.empty();
        }
        return Optional.of(
                fault.contains("Permission denied")
                        ? FORBIDDEN
                        : "firecracker cannot use /dev/kvm (%s): load the kernel's KVM module, or use --vmm qemu"
                                .formatted(fault.substring(fault.indexOf(SIGN) + SIGN.length())
                                        .replaceAll("Make sure the user(?s:.*)", "")
                                        .replaceAll("^[:\\s]+|\\s+$", "")));
    }
}
