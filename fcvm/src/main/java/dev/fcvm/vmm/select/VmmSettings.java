package dev.fcvm.vmm.select;

import dev.fcvm.vmm.confine.Confinement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the user wants of monitors.
 *
 * @param vmm {@code --vmm}
 * @param kvm {@code FCVM_KVM}
 * @param qemu where QEMU lies; empty to look for it on the PATH
 * @param firecracker where Firecracker lies; empty to look for it in the data directory's {@code bin} and on the PATH
 * @param dataDirectory the data directory
 * @param scripts the directory of fcvm's scripts
 * @param confinement how they are to be confined
 * @param bootTimeout how long a machine may take until its agent answers, where the user says it; its monitor's own start is
 *     a part of that
 */
public record VmmSettings(
        Wanted vmm,
        Kvm kvm,
        Optional<Path> qemu,
        Optional<Path> firecracker,
        Path dataDirectory,
        Path scripts,
        Confinement confinement,
        Optional<Duration> bootTimeout) {

    /** Which monitor. */
    public enum Wanted {
        /** Firecracker where it can run, else QEMU. */
        AUTO,
        FIRECRACKER,
        QEMU
    }

    /** Whether KVM runs guests. */
    public enum Kvm {
        /** To be found out. */
        AUTO,
        /** It does, says the user. */
        YES,
        /** It is not to be used. */
        NO
    }
}
