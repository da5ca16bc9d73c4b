package dev.fcvm.snapshot;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;

/**
 * What a snapshot is of and what it needs, as it lies in {@code manifest.json}: written last, never changed.
 *
 * @param version the layout of this document and of the files beside it: {@value #VERSION}
 * @param id 32 hexadecimal digits, given to no other
 * @param name by which users know it
 * @param created when it was made, ISO 8601
 * @param machine the id of the machine that was saved
 * @param machineName its name
 * @param image its image, as the user named it
 * @param imageDigest the digest of the image's manifest
 * @param vmm the monitor, as {@code --vmm} has it
 * @param monitor the monitor's name and version
 * @param kvm whether hardware virtualisation is used
 * @param cpu the host's processor
 * @param kernel the release of the guest's kernel
 * @param base which base the guest booted from
 * @param plan the checksum of what the guest was told to do
 * @param vcpus number of virtual CPUs
 * @param memoryMib the guest's memory in MiB
 * @param spare whether the machine had places for more disks than it has
 * @param files the files beside this one
 */
@Json
public record SnapshotManifest(
        int version,
        String id,
        String name,
        String created,
        String machine,
        String machineName,
        String image,
        String imageDigest,
        String vmm,
        String monitor,
        boolean kvm,
        String cpu,
        String kernel,
        String base,
        String plan,
        int vcpus,
        long memoryMib,
        boolean spare,
        List<SnapshotFile> files) {

    /** The only version there is. */
    public static final int VERSION = 1;

    /** A damaged document lacks fields. */
    public SnapshotManifest {
        id = text(id);
        name = text(name);
        created = text(created);
        machine = text(machine);
        machineName = text(machineName);
        image = text(image);
        imageDigest = text(imageDigest);
        vmm = text(vmm);
        monitor = text(monitor);
        cpu = text(cpu);
        kernel = text(kernel);
        base = text(base);
        plan = text(plan);
        files = List.copyOf(Objects.requireNonNullElse(files, List.of()));
    }

    private static String text(String value) {
        return Objects.requireNonNullElse(value, "");
    }

    /** Returns the same under another name, and with these files. */
    SnapshotManifest with(String otherName, List<SnapshotFile> otherFiles) {
        return new SnapshotManifest(
                version,
                id,
                otherName,
                created,
                machine,
                machineName,
                image,
                imageDigest,
                vmm,
                monitor,
                kvm,
                cpu,
                kernel,
                base,
                plan,
                vcpus,
                memoryMib,
                spare,
                otherFiles);
    }

    /**
     * One file of a snapshot.
     *
     * @param name its name in the snapshot's directory
     * @param size its length in bytes, holes included
     * @param digest its checksum
     */
    @Json
    public record SnapshotFile(String name, long size, String digest) {
        public SnapshotFile {
            name = text(name);
            digest = text(digest);
        }
    }
}
