package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;

/** Whether the vCPUs run; after the start. Setting what is so already is allowed. */
@Json
public record VmState(String state) implements ApiCall.Patch {

    /** They stand. */
    public static final VmState PAUSED = new VmState("Paused");

    /** They run. */
    public static final VmState RESUMED = new VmState("Resumed");

    @Override
    public String path() {
        return "/vm";
    }

    @Override
    public String purpose() {
        return this.equals(PAUSED) ? "pause the machine" : "let the machine go on";
    }
}
