package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a machine of a snapshot, in a process that has configured none. When it fails after its files were opened, the
 * process ends. The disks' paths are the snapshot's; each can be changed by {@link Drive.Update} before the machine
 * goes on.
 *
 * @param memBackend where the memory is
 * @param trackDirtyPages whether diff snapshots of the restored machine are exact; not taken from the snapshot
 * @param enableDiffSnapshots the same in the words of versions before 1.13; set by {@link #body}
 * @param resumeVm whether it goes on at once
 * @param networkOverrides other taps
 * @param vsockOverride another socket
 * @param clockRealtime whether the guest's kvm-clock is set to now
 * @param hugePages what backs the memory
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record SnapshotLoad(
        String snapshotPath,
        MemoryBackend memBackend,
        Optional<Boolean> trackDirtyPages,
        Optional<Boolean> enableDiffSnapshots,
        Optional<Boolean> resumeVm,
        Optional<List<NetworkOverride>> networkOverrides,
        Optional<VsockOverride> vsockOverride,
        Optional<Boolean> clockRealtime,
        Optional<HugePages> hugePages)
        implements ApiCall.Put {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    public SnapshotLoad {
        networkOverrides = networkOverrides.map(List::copyOf);
    }

    /** Returns a load that leaves the machine paused, with Firecracker's defaults in everything else. */
    public static SnapshotLoad of(String snapshotPath, MemoryBackend memBackend) {
        return new SnapshotLoad(
                snapshotPath,
                memBackend,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Returns the same with other names for its two files. */
    public SnapshotLoad from(String state, String memory) {
        return new SnapshotLoad(
                state,
                new MemoryBackend(memBackend.backendType(), memory),
                trackDirtyPages,
                enableDiffSnapshots,
                resumeVm,
                networkOverrides,
                vsockOverride,
                clockRealtime,
                hugePages);
    }

    /** Returns the same with other taps. */
    public SnapshotLoad onTaps(List<NetworkOverride> taps) {
        return new SnapshotLoad(
                snapshotPath,
                memBackend,
                trackDirtyPages,
                enableDiffSnapshots,
                resumeVm,
                Optional.of(taps),
                vsockOverride,
                clockRealtime,
                hugePages);
    }

    /** Returns the same with another socket. */
    public SnapshotLoad onSocket(VsockOverride socket) {
        return new SnapshotLoad(
                snapshotPath,
                memBackend,
                trackDirtyPages,
                enableDiffSnapshots,
                resumeVm,
                networkOverrides,
                Optional.of(socket),
                clockRealtime,
                hugePages);
    }

    /** Returns the same with dirty pages tracked. */
    public SnapshotLoad trackingDirtyPages() {
        return tracking(Optional.of(true), Optional.empty());
    }

    private SnapshotLoad tracking(Optional<Boolean> now, Optional<Boolean> formerly) {
        return new SnapshotLoad(
                snapshotPath,
                memBackend,
                now,
                formerly,
                resumeVm,
                networkOverrides,
                vsockOverride,
                clockRealtime,
                hugePages);
    }

    @Override
    public String path() {
        return "/snapshot/load";
    }

    @Override
    public String purpose() {
        return "load the snapshot " + snapshotPath;
    }

    @Override
    public String body(FirecrackerVersion version) {
        SnapshotLoad load = trackDirtyPages.isPresent() && !Feature.TRACK_DIRTY_PAGES_ON_LOAD.isIn(version)
                ? tracking(Optional.empty(), trackDirtyPages)
                : this;
        return ApiCall.write(load);
    }

    @Override
    public Set<Feature> features() {
        Set<Feature> needed = EnumSet.noneOf(Feature.class);
        networkOverrides.ifPresent(taps -> needed.add(Feature.NETWORK_OVERRIDES));
        vsockOverride.ifPresent(socket -> needed.add(Feature.VSOCK_OVERRIDE));
        clockRealtime.ifPresent(set -> needed.add(Feature.CLOCK_REALTIME));
        hugePages.ifPresent(pages -> needed.add(Feature.HUGE_PAGES_ON_LOAD));
        return needed;
    }

    @Override
    public Set<KnownFault> faults() {
        return Set.of(KnownFault.LINK_DEAD_AFTER_RESTORE);
    }

    @Override
    public Duration patience() {
        return PATIENCE;
    }

    /** Where the memory is. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record MemoryBackend(BackendType backendType, String backendPath) {

        /** Returns a file's memory, which must not change for as long as any machine made of it lives. */
        public static MemoryBackend ofFile(String path) {
            return new MemoryBackend(BackendType.FILE, path);
        }

        /** Returns the memory of a process that listens on this socket, and must serve it for the machine's life. */
        public static MemoryBackend ofUserfaultfd(String socket) {
            return new MemoryBackend(BackendType.UFFD, socket);
        }
    }

    /** How the memory comes. */
    public enum BackendType {
        FILE,
        UFFD;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }

    /** Another tap for a network card. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record NetworkOverride(String ifaceId, String hostDevName) {}

    /** Another socket for the vsock device. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record VsockOverride(String udsPath) {}

    /** The pages that back the memory. */
    public enum HugePages {
        /** As when the snapshot was made. */
        SNAPSHOT("Snapshot"),
        NONE("None"),
        TRANSPARENT("Transparent"),
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
    }
}
