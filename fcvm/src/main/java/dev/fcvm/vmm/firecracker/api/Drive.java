package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;
import java.util.Set;

/**
 * A disk. They are vda, vdb, … in the order of the calls as long as none is the root device, which comes first. After
 * the start the same call attaches one where PCI is on.
 *
 * @param partuuid of the root partition, for a root device
 * @param cacheType whether the guest may flush; {@code Unsafe} when left out
 * @param pathOnHost a raw image; not with {@code socket}
 * @param ioEngine {@code Sync} when left out
 * @param socket of a vhost-user backend, which then has the image
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Drive(
        String driveId,
        boolean isRootDevice,
        Optional<String> pathOnHost,
        Optional<Boolean> isReadOnly,
        Optional<String> partuuid,
        Optional<CacheType> cacheType,
        Optional<IoEngine> ioEngine,
        Optional<RateLimiter> rateLimiter,
        Optional<String> socket)
        implements ApiCall.Put {

    public Drive {
        DeviceId.checked(driveId);
    }

    /** Returns a disk that is no root device, with Firecracker's defaults in everything else. */
    public static Drive of(String driveId, String pathOnHost, boolean readOnly) {
        return new Drive(
                driveId,
                false,
                Optional.of(pathOnHost),
                Optional.of(readOnly),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Returns the same with a limiter. */
    public Drive limited(RateLimiter limiter) {
        return new Drive(
                driveId,
                isRootDevice,
                pathOnHost,
                isReadOnly,
                partuuid,
                cacheType,
                ioEngine,
                Optional.of(limiter),
                socket);
    }

    @Override
    public String path() {
        return "/drives/" + driveId;
    }

    @Override
    public String purpose() {
        return "attach the disk " + pathOnHost.or(() -> socket).orElse(driveId);
    }

    @Override
    public Set<Feature> features() {
        return socket.isPresent() ? Set.of(Feature.VHOST_USER_DRIVE) : Set.of();
    }

    /** A change after the start; with nothing but the id a vhost-user disk's configuration is read anew. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Update(String driveId, Optional<String> pathOnHost, Optional<RateLimiter> rateLimiter)
            implements ApiCall.Patch {

        public Update {
            DeviceId.checked(driveId);
        }

        /** Returns one that puts another image of the same size into the disk. */
        public static Update toImage(String driveId, String pathOnHost) {
            return new Update(driveId, Optional.of(pathOnHost), Optional.empty());
        }

        @Override
        public String path() {
            return "/drives/" + driveId;
        }

        @Override
        public String purpose() {
            return pathOnHost
                    .map(path -> "put " + path + " into the disk " + driveId)
                    .orElse("change the disk " + driveId);
        }
    }

    /** Whether a flush of the guest reaches the host's disk. */
    public enum CacheType {
        UNSAFE,
        WRITEBACK;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }

    /** How the image is read and written. */
    public enum IoEngine {
        SYNC,
        /** By io_uring; a preview of Firecracker's. */
        ASYNC;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }
}
