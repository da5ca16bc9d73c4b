package dev.fcvm.snapshot;

import io.avaje.jsonb.Json;
import java.util.Objects;

/**
 * The first thing in the file of a snapshot that is taken to another host: all that is to be known before the rest is read.
 *
 * @param version the layout of this document and of the file: {@value #VERSION}
 * @param manifest the snapshot's own
 * @param rootfs the checksum of the root file system, which is the base's at home
 * @param imageDocument what is known of the image, as JSON
 * @param imageSize the length of the image's disk in bytes, holes included
 * @param imageDisk its checksum
 */
@Json
public record ArchiveHead(
        int version, SnapshotManifest manifest, String rootfs, String imageDocument, long imageSize, String imageDisk) {

    /** The only version there is. */
    public static final int VERSION = 1;

    /** A damaged document lacks fields. */
    public ArchiveHead {
        Objects.requireNonNull(manifest, "manifest");
        Objects.requireNonNull(rootfs, "rootfs");
        Objects.requireNonNull(imageDocument, "imageDocument");
        Objects.requireNonNull(imageDisk, "imageDisk");
    }
}
