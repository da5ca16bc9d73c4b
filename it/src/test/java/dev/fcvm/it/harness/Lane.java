package dev.fcvm.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which monitor the machines of this test run are booted with. {@code FCVM_TEST_VMM} says it: {@code qemu} (the
 * default), {@code firecracker}, or {@code auto}: nothing is said for the user, who has a KVM that runs guests. There
 * each test names its monitor, or lets fcvm choose, and none is skipped for a lack of KVM.
 *
 * <p>Firecracker's program is {@code FCVM_TEST_FIRECRACKER}. Where KVM does not really run guests,
 * {@code FCVM_TEST_FIRECRACKER_KERNEL} may name a kernel that is made for such a KVM: the machines are then booted with
 * it, and the word is given that KVM runs guests. Else they boot the base's own kernel, as users' machines do.
 *
 * @param vmm {@code qemu}, {@code firecracker} or {@code auto}
 * @param firecracker the program
 * @param kernel the kernel in the place of the base's
 */
public record Lane(String vmm, Optional<Path> firecracker, Optional<Path> kernel) {

    private static final String FIRECRACKER = "firecracker";
    private static final String AUTO = "auto";

    /** Returns the lane of this test run. */
    public static Lane current() {
        String vmm = Place.setting("FCVM_TEST_VMM", "qemu");
        return switch (vmm) {
            case "qemu" -> new Lane(vmm, Optional.empty(), Optional.empty());
            case FIRECRACKER -> new Lane(vmm, named("FCVM_TEST_FIRECRACKER"), named("FCVM_TEST_FIRECRACKER_KERNEL"));
            case AUTO -> new Lane(vmm, named("FCVM_TEST_FIRECRACKER"), Optional.empty());
            default -> throw new IllegalStateException("FCVM_TEST_VMM is qemu, firecracker or auto, not " + vmm);
        };
    }

    private static Optional<Path> named(String variable) {
        String value = Place.setting(variable, "");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Path path = Path.of(value).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new IllegalStateException(variable + " names " + path + ", which cannot be read");
        }
        return Optional.of(path);
    }

    /** Says whether this is Firecracker's. */
    public boolean isFirecracker() {
        return vmm.equals(FIRECRACKER);
    }

    /** Says whether this is the one where KVM has to run guests. */
    public boolean isOnKvm() {
        return vmm.equals(AUTO);
    }

    /**
     * Says whether the KVM is an emulated one ({@code FCVM_TEST_KVM_EMULATED}): all works there, but so slowly that no time
     * and no rate that is measured says anything.
     */
    public static boolean isKvmEmulated() {
        return !Place.setting("FCVM_TEST_KVM_EMULATED", "").isEmpty();
    }

    /** Returns why no machine can be booted in this lane; empty when they can. */
    public Optional<String> obstacle() {
        if (!isFirecracker()) {
            return Optional.empty();
        }
        if (firecracker.isEmpty()) {
            return Optional.of("no Firecracker: FCVM_TEST_FIRECRACKER is not set");
        }
        return kernel.isEmpty() ? noKvm() : Optional.empty();
    }

    /** Returns why this host's KVM runs no ordinary guests; empty when it does. */
    public static Optional<String> noKvm() {
        Outcome probe = Child.of(Fcvm.repository().resolve("scripts/kvm-probe").toString())
                .run();
        return probe.exitCode() == 0
                ? Optional.empty()
                : Optional.of("Firecracker needs a KVM that runs guests: "
                        + probe.out().strip());
    }

    /** Returns what a call of the command line has in its environment, so that it takes this monitor. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        if (!isOnKvm()) {
            environment.put("FCVM_VMM", vmm);
        }
        firecracker.ifPresent(program -> environment.put("FIRECRACKER_BIN", program.toString()));
        kernel.ifPresent(file -> {
            environment.put("FCVM_KERNEL", file.toString());
            environment.put("FCVM_KVM", "yes");
        });
        return environment;
    }

    /** Returns the same lane with its files elsewhere. */
    Lane with(Optional<Path> otherProgram, Optional<Path> otherKernel) {
        return new Lane(vmm, otherProgram, otherKernel);
    }
}
