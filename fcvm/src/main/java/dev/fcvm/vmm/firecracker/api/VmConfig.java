package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** All that is set, except logger, metrics and the CPU's configuration, which Firecracker does not tell. */
@Json
public record VmConfig(
        @Json.Property("boot-source") BootSource bootSource,
        @Json.Property("machine-config") MachineConfig machineConfig,
        List<Drive> drives,
        @Json.Property("network-interfaces") List<NetworkInterface> networkInterfaces,
        Optional<Vsock> vsock,
        Optional<Balloon> balloon,
        Optional<Entropy> entropy,
        @Json.Property("mmds-config") Optional<MmdsConfig> mmdsConfig) {

    public VmConfig {
        // The reader of JSON gives null for what is missing.
        Objects.requireNonNull(bootSource, "bootSource");
        Objects.requireNonNull(machineConfig, "machineConfig");
        drives = List.copyOf(drives);
        networkInterfaces = List.copyOf(networkInterfaces);
    }

    /** Asks for it. */
    public record Ask() implements ApiCall.Get<VmConfig> {
        @Override
        public String path() {
            return "/vm/config";
        }

        @Override
        public String purpose() {
            return "tell its machine's configuration";
        }

        @Override
        public Class<VmConfig> answer() {
            return VmConfig.class;
        }
    }
}
