package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.vmm.RateLimits;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingDocument;
import dev.fcvm.volume.secret.WantedSecret;
import io.avaje.jsonb.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What a machine is, as it lies in {@code spec.json}: written once, without secrets, and never changed but for its name.
 *
 * @param version the layout of the document: 2
 * @param id the machine's id
 * @param name its name
 * @param created when it was made, ISO 8601
 * @param image the image as the user named it
 * @param imageDigest the digest of the image's manifest
 * @param imageId by what Podman in the guest knows the image
 * @param storeDisk the image's store disk
 * @param vmm {@code qemu} or {@code firecracker}
 * @param kvm whether hardware virtualisation is used
 * @param isolation {@code rootless} or {@code privileged}
 * @param vcpus number of virtual CPUs
 * @param memoryMib the guest's memory in MiB
 * @param containerMemory the container's limit in bytes; 0 for none
 * @param hostname the container's host name
 * @param keep whether the machine stays behind when it has ended
 * @param interactive whether the container has a standard input
 * @param tty whether the container has a terminal
 * @param stopSignal by which the container is told to end, its Linux number
 * @param stopSeconds how long it may take then
 * @param logLimit what is kept of the container's output, in bytes
 * @param kernel the kernel that was asked for; empty for the base's
 * @param kernelArguments further arguments of the kernel
 * @param init {@code tiny} or {@code systemd}
 * @param network the network that was asked for
 * @param rates what the machine may do in a second
 * @param labels {@code NAME=VALUE}, as the user gave them
 * @param options arguments of {@code podman run} in the guest
 * @param command the container's command; empty for the image's own
 * @param mappings what of the host the container finds at which path; none in a document that does not say
 * @param secrets what it is handed at each start, without the secrets themselves
 * @param ready when it is ready
 * @param suspendSeconds for how long nothing must have moved in it before it is suspended; 0 for never
 */
@Json
public record MachineSpec(
        int version,
        String id,
        String name,
        String created,
        String image,
        String imageDigest,
        String imageId,
        String storeDisk,
        String vmm,
        boolean kvm,
        String isolation,
        int vcpus,
        long memoryMib,
        long containerMemory,
        String hostname,
        boolean keep,
        boolean interactive,
        boolean tty,
        int stopSignal,
        int stopSeconds,
        long logLimit,
        String kernel,
        List<String> kernelArguments,
        String init,
        NetworkRequestDocument network,
        Rates rates,
        List<String> labels,
        List<String> options,
        List<String> command,
        List<MappingDocument> mappings,
        List<WantedSecret> secrets,
        Readiness ready,
        long suspendSeconds) {

    /** The only version there is. */
    public static final int VERSION = 2;

    public MachineSpec {
        kernelArguments = List.copyOf(kernelArguments);
        labels = List.copyOf(labels);
        options = List.copyOf(options);
        command = List.copyOf(command);
        // Of a machine that an earlier version has made.
        ready = ready == null ? Readiness.NONE : ready;
        mappings = List.copyOf(Objects.requireNonNullElse(mappings, List.of()));
        secrets = List.copyOf(Objects.requireNonNullElse(secrets, List.of()));
    }

    /** Returns whether the guest's disks must be written back when it ends: something on them outlives the boot. */
    public boolean isWrittenBack() {
        return keep || mappings.stream().anyMatch(mapping -> !mapping.readOnly());
    }

    /** Returns the mappings. */
    public List<Mapping> wantedMappings() throws FcvmException {
        List<Mapping> wanted = new ArrayList<>();
        for (MappingDocument mapping : mappings) {
            wanted.add(mapping.mapping());
        }
        return wanted;
    }

    /** Returns what Podman in the guest calls the container: in a clone, as in the machine it was made of. */
    public String container() {
        return options.stream()
                .filter(option -> option.startsWith(PodmanOptions.NAME))
                .findFirst()
                .map(option -> option.substring(PodmanOptions.NAME.length()))
                .orElse(name);
    }

    /** Returns the same with another name; its container keeps its name in the guest. */
    public MachineSpec renamed(String newName) {
        return new MachineSpec(
                version,
                id,
                newName,
                created,
                image,
                imageDigest,
                imageId,
                storeDisk,
                vmm,
                kvm,
                isolation,
                vcpus,
                memoryMib,
                containerMemory,
                hostname,
                keep,
                interactive,
                tty,
                stopSignal,
                stopSeconds,
                logLimit,
                kernel,
                kernelArguments,
                init,
                network,
                rates,
                labels,
                options,
                command,
                mappings,
                secrets,
                ready,
                suspendSeconds);
    }

    /** Returns the same on another host, where the image's disk lies here, and no kernel is asked for. */
    public MachineSpec moved(String newStoreDisk) {
        return new MachineSpec(
                version,
                id,
                name,
                created,
                image,
                imageDigest,
                imageId,
                newStoreDisk,
                vmm,
                kvm,
                isolation,
                vcpus,
                memoryMib,
                containerMemory,
                hostname,
                keep,
                interactive,
                tty,
                stopSignal,
                stopSeconds,
                logLimit,
                "",
                kernelArguments,
                init,
                network,
                rates,
                labels,
                options,
                command,
                mappings,
                secrets,
                ready,
                suspendSeconds);
    }

    /** Returns what a machine is that was made of this one. */
    public MachineSpec cloned(
            String newId,
            String newName,
            String made,
            String newIsolation,
            String newHostname,
            boolean kept,
            NetworkRequestDocument newNetwork,
            List<String> newLabels,
            long newSuspendSeconds) {
        return new MachineSpec(
                version,
                newId,
                newName,
                made,
                image,
                imageDigest,
                imageId,
                storeDisk,
                vmm,
                kvm,
                newIsolation,
                vcpus,
                memoryMib,
                containerMemory,
                newHostname,
                kept,
                interactive,
                tty,
                stopSignal,
                stopSeconds,
                logLimit,
                kernel,
                kernelArguments,
                init,
                newNetwork,
                rates,
                newLabels,
                options,
                command,
                mappings.stream().map(MappingDocument::cloned).toList(),
                secrets,
                ready.ofClone(),
                newSuspendSeconds);
    }

    /**
     * What a machine may do in a second; 0 for as much as it can.
     *
     * @param networkBytes bytes on its card, each way
     * @param networkPackets packets on its card, each way
     * @param diskBytes bytes read from and written to its disks
     * @param diskOperations reads and writes of its disks
     */
    @Json
    public record Rates(long networkBytes, long networkPackets, long diskBytes, long diskOperations) {

        /** Writes limits down. */
        public static Rates of(RateLimits limits) {
            return new Rates(
                    limits.networkBytesPerSecond().orElse(0),
                    limits.networkPacketsPerSecond().orElse(0),
                    limits.diskBytesPerSecond().orElse(0),
                    limits.diskOperationsPerSecond().orElse(0));
        }

        /** Returns the limits. */
        public RateLimits limits() {
            return new RateLimits(limit(networkBytes), limit(networkPackets), limit(diskBytes), limit(diskOperations));
        }

        private static OptionalLong limit(long value) {
            return value > 0 ? OptionalLong.of(value) : OptionalLong.empty();
        }
    }
}
