package dev.fcvm.vmm.firecracker.api;

import java.util.Locale;
import java.util.Set;

/** Takes a device away after the start, where PCI is on; the guest must have let it go. A preview of Firecracker's. */
public record Detach(Kind kind, String id) implements ApiCall {

    public Detach {
        DeviceId.checked(id);
    }

    /** What can be taken away. */
    public enum Kind {
        DRIVES,
        NETWORK_INTERFACES,
        PMEM
    }

    @Override
    public String method() {
        return "DELETE";
    }

    @Override
    public String path() {
        return "/%s/%s".formatted(kind.name().toLowerCase(Locale.ROOT).replace('_', '-'), id);
    }

    @Override
    public String purpose() {
        return "detach the device " + id;
    }

    @Override
    public String body(FirecrackerVersion version) {
        return "";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.DEVICE_HOTPLUG);
    }
}
