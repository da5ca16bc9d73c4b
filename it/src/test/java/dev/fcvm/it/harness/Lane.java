package dev.fcvm.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which monitor the machines of this test run are booted with. {@code FCVM_TEST_VMM} says it: {@code qemu} (the
 * default) or {@code firecracker}.
 *
 * <p>Firecracker's program is {@code FCVM_TEST_FIRECRACKER}. Where KVM does not really run guests,
 * {@code FCVM_TEST_FIRECRACKER_KERNEL} may name a kernel that is made for such a KVM: the machines are then booted with
 * it, and the word is given that KVM runs guests.
 *
 * @param vmm {@code qemu} or {@code firecracker}
 * @param firecracker the program
 * @param kernel the kernel in the place of the base's
 */
public record Lane(String vmm, Optional<Path> firecracker, Optional<Path> kernel) {

    private static final String FIRECRACKER = "firecracker";

    /** Returns the lane of this test run. */
    public static Lane current() {
        String vmm = Place.setting("FCVM_TEST_VMM", "qemu");
        return switch (vmm) {
            case "qemu" -> new Lane(vmm, Optional.empty(), Optional.empty());
            case FIRECRACKER -> new Lane(vmm, named("FCVM_TEST_FIRECRACKER"), named("FCVM_TEST_FIRECRACKER_KERNEL"));
            default -> throw new IllegalStateException("FCVM_TEST_VMM is qemu or firecracker, not " + vmm);
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

    /** Returns why no machine can be booted in this lane; empty when they can. */
    public Optional<String> obstacle() {
        if (!isFirecracker()) {
            return Optional.empty();
        }
        if (firecracker.isEmpty()) {
            return Optional.of("no Firecracker: FCVM_TEST_FIRECRACKER is not set");
        }
        if (kernel.isEmpty()) {
            Outcome probe = Child.of(
                            Fcvm.repository().resolve("scripts/kvm-probe").toString())
                    .run();
            if (probe.exitCode() != 0) {
                return Optional.of("Firecracker needs a KVM that runs guests: "
                        + probe.out().strip());
            }
        }
        return Optional.empty();
    }

    /** Returns what a call of the command line has in its environment, so that it takes this monitor. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("FCVM_VMM", vmm);
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
