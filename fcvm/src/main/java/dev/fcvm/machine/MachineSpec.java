package dev.fcvm.machine;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * What a machine is, as it lies in {@code spec.json}: written once, never changed, and without secrets.
 *
 * @param version the layout of the document: 1
 * @param id the machine's id
 * @param name its name
 * @param created when it was made, ISO 8601
 * @param image the image as the user named it
 * @param imageDigest the digest of the image's manifest
 * @param storeDisk the image's store disk
 * @param vmm {@code qemu} or {@code firecracker}
 * @param kvm whether hardware virtualisation is used
 * @param isolation {@code rootless} or {@code privileged}
 * @param vcpus number of virtual CPUs
 * @param memoryMib the guest's memory in MiB
 * @param hostname the container's host name
 * @param keep whether the machine stays behind when it has ended
 * @param labels {@code NAME=VALUE}, as the user gave them
 * @param options arguments of {@code podman run} in the guest
 * @param command the container's command; empty for the image's own
 */
@Json
public record MachineSpec(
        int version,
        String id,
        String name,
        String created,
        String image,
        String imageDigest,
        String storeDisk,
        String vmm,
        boolean kvm,
        String isolation,
        int vcpus,
        long memoryMib,
        String hostname,
        boolean keep,
        List<String> labels,
        List<String> options,
        List<String> command) {

    /** The only version there is. */
    public static final int VERSION = 1;

    public MachineSpec {
        labels = List.copyOf(labels);
        options = List.copyOf(options);
        command = List.copyOf(command);
    }
}
