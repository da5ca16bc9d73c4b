package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Processors and memory; before the start.
 *
 * @param vcpuCount 1 to 32, even with {@code smt}
 * @param memSize the guest's memory
 * @param smt whether the guest sees two threads a core
 * @param trackDirtyPages whether diff snapshots hold exactly what was written since the last
 * @param hugePages what backs the guest's memory
 * @param cpuTemplate deprecated by Firecracker, which takes {@link CpuConfig} instead
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record MachineConfig(
        int vcpuCount,
        @Json.Property("mem_size_mib") MemorySize memSize,
        Optional<Boolean> smt,
        Optional<Boolean> trackDirtyPages,
        Optional<HugePages> hugePages,
        Optional<CpuTemplate> cpuTemplate)
        implements ApiCall.Put {

    public MachineConfig {
        Objects.requireNonNull(memSize, "memSize"); // the reader of JSON gives null for what is missing
    }

    /** Returns one with Firecracker's defaults in everything else. */
    public static MachineConfig of(int vcpuCount, MemorySize memSize) {
        return new MachineConfig(
                vcpuCount, memSize, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Returns the same with dirty pages tracked. */
    public MachineConfig trackingDirtyPages() {
        return new MachineConfig(vcpuCount, memSize, smt, Optional.of(true), hugePages, cpuTemplate);
    }

    @Override
    public String path() {
        return "/machine-config";
    }

    @Override
    public String purpose() {
        return "set %d vCPUs and %s of memory".formatted(vcpuCount, memSize);
    }

    @Override
    public Set<Feature> features() {
        return hugePages.map(HugePages::features).orElse(Set.of());
    }

    /** A change of some of it; before the start, too. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Update(
            OptionalInt vcpuCount,
            @Json.Property("mem_size_mib") Optional<MemorySize> memSize,
            Optional<Boolean> smt,
            Optional<Boolean> trackDirtyPages,
            Optional<HugePages> hugePages,
            Optional<CpuTemplate> cpuTemplate)
            implements ApiCall.Patch {

        @Override
        public String path() {
            return "/machine-config";
        }

        @Override
        public String purpose() {
            return "change the machine's vCPUs or memory";
        }

        @Override
        public Set<Feature> features() {
            return hugePages.map(HugePages::features).orElse(Set.of());
        }
    }

    /** Asks for what is set. */
    public record Ask() implements ApiCall.Get<MachineConfig> {
        @Override
        public String path() {
            return "/machine-config";
        }

        @Override
        public String purpose() {
            return "tell the machine's vCPUs and memory";
        }

        @Override
        public Class<MachineConfig> answer() {
            return MachineConfig.class;
        }
    }

    /** The pages that back the guest's memory. */
    public enum HugePages {
        NONE("None"),
        /** By the kernel, where it finds room. */
        TRANSPARENT("Transparent"),
        /** From the pool of the host, which must have enough of them. */
        TWO_MEBIBYTES("2M");

        private final String word;

        HugePages(String word) {
            this.word = word;
        }

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return word;
        }

        Set<Feature> features() {
            return this == TRANSPARENT
                    ? EnumSet.of(Feature.HUGE_PAGES, Feature.TRANSPARENT_HUGE_PAGES)
                    : EnumSet.of(Feature.HUGE_PAGES);
        }
    }

    /** The templates for x86_64 that are built in. */
    public enum CpuTemplate {
        NONE("None"),
        C3("C3"),
        T2("T2"),
        T2S("T2S"),
        T2CL("T2CL"),
        T2A("T2A");

        private final String word;

        CpuTemplate(String word) {
            this.word = word;
        }

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return word;
        }
    }
}
