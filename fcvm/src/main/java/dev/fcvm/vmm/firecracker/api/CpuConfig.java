package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Set;

/**
 * What the guest sees of its processors, for x86_64; before the start. The numbers that are written as text are in
 * Firecracker's notation: {@code 0x…} or {@code 0b…}, and in a bitmap {@code x} for a bit that stays as it is.
 *
 * @param kvmCapabilities as {@code 171}, or {@code !171} for one that is not to be checked
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record CpuConfig(List<String> kvmCapabilities, List<CpuidLeaf> cpuidModifiers, List<Msr> msrModifiers)
        implements ApiCall.Put {

    public CpuConfig {
        kvmCapabilities = List.copyOf(kvmCapabilities);
        cpuidModifiers = List.copyOf(cpuidModifiers);
        msrModifiers = List.copyOf(msrModifiers);
    }

    /**
     * Registers of a leaf of CPUID.
     *
     * @param flags of KVM for this leaf
     */
    @Json
    public record CpuidLeaf(String leaf, String subleaf, int flags, List<CpuidRegister> modifiers) {
        public CpuidLeaf {
            modifiers = List.copyOf(modifiers);
        }
    }

    /**
     * One of them.
     *
     * @param register {@code eax}, {@code ebx}, {@code ecx} or {@code edx}
     */
    @Json
    public record CpuidRegister(String register, String bitmap) {}

    /** A model-specific register. */
    @Json
    public record Msr(String addr, String bitmap) {}

    @Override
    public String path() {
        return "/cpu-config";
    }

    @Override
    public String purpose() {
        return "configure the machine's processors";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.CPU_CONFIG);
    }
}
