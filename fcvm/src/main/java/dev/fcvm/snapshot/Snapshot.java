package dev.fcvm.snapshot;

import dev.fcvm.host.file.DiskUse;
import dev.fcvm.vmm.VmSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A snapshot, as it lies in its directory. Whether it is whole is for {@link SnapshotCheck} to say.
 *
 * @param directory where its files are
 * @param manifest what it is
 */
public record Snapshot(Path directory, SnapshotManifest manifest) {

    /** What the machine was, as JSON. */
    public static final String SPEC = "spec.json";

    /** The machine's own disk. */
    public static final String SCRATCH = "scratch.ext4";

    /** The root file system that the guest has mounted: the base's own file, which so outlives its base. */
    public static final String ROOTFS = "rootfs.ext4";

    /** Disks of mappings and volumes, and what is written down of them, as they are called in a machine's directory. */
    private static final Pattern MAPPED = Pattern.compile("mapping-\\d{1,2}\\.ext4(\\.start)?");

    static final String MANIFEST = "manifest.json";

    /** The checksum of that. */
    static final String MANIFEST_SUM = "manifest.sum";

    /** What the manifest has checksums of, beside the {@link #mapped} files. */
    static final List<String> CHECKED = List.of(VmSnapshot.STATE, VmSnapshot.MEMORY, SCRATCH, SPEC);

    /** Returns what it is called. */
    public String name() {
        return manifest.name();
    }

    /** Returns its files for the monitor. */
    public VmSnapshot vm() {
        return new VmSnapshot(
                directory.resolve(VmSnapshot.STATE), directory.resolve(VmSnapshot.MEMORY), manifest.monitor());
    }

    /** Returns the machine's own disk as it was. */
    public Path scratch() {
        return directory.resolve(SCRATCH);
    }

    /** Returns the disks of mappings and volumes as they were, by the names they have in a machine's directory. */
    public List<String> mapped() {
        return mapped(manifest);
    }

    /** Returns those that a manifest names. */
    static List<String> mapped(SnapshotManifest manifest) {
        return manifest.files().stream()
                .map(SnapshotManifest.SnapshotFile::name)
                .filter(name -> MAPPED.matcher(name).matches())
                .toList();
    }

    /** Returns what the manifest has checksums of. */
    List<String> checked() {
        return Stream.concat(CHECKED.stream(), mapped().stream()).toList();
    }

    /** Returns the root file system that the guest has mounted. */
    public Path rootfs() {
        return directory.resolve(ROOTFS);
    }

    /** Returns what the machine was, as JSON. */
    public String spec() throws IOException {
        return Files.readString(directory.resolve(SPEC));
    }

    /** Returns how many bytes of the disk it takes, the root file system that it shares left out. */
    public long allocated() throws IOException {
        long all = 0;
        for (String file : checked()) {
            all += DiskUse.allocated(directory.resolve(file));
        }
        return all;
    }
}
