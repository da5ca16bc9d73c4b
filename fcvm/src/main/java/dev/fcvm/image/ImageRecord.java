package dev.fcvm.image;

import io.avaje.jsonb.Json;

/**
 * An image in the store, as it lies beside its disk in {@code image.json}. Never changes: names are kept apart.
 *
 * @param version the layout of this document: 1
 * @param id the digest of the image's configuration, 64 hexadecimal digits; by it Podman in the guest knows the image
 * @param digest the digest of its manifest, {@code sha256:…}
 * @param architecture what it is made for
 * @param variant of the architecture, or empty
 * @param created when it was made, seconds since 1970
 * @param size of its unpacked layers, in bytes
 * @param config what it says about its container
 */
@Json
public record ImageRecord(
        int version,
        String id,
        String digest,
        String architecture,
        String variant,
        long created,
        long size,
        ImageConfig config) {

    /** The only version there is. */
    static final int VERSION = 1;

    ImageRecord withSize(long bytes) {
        return new ImageRecord(version, id, digest, architecture, variant, created, bytes, config);
    }

    Platform platform() {
        return new Platform(architecture, variant);
    }
}
