package dev.fcvm.image;

import java.nio.file.Path;

/**
 * An image as a read-only disk, shared by all machines that run it: an ext4 file system that is a containers-storage
 * directory with this one image.
 *
 * @param file a raw, sparse disk image of the size all store disks have
 * @param digest the digest of the image's manifest
 * @param imageId by what Podman in the guest knows the image, 64 hexadecimal digits
 * @param config what the image says about its container
 */
public record StoreDisk(Path file, String digest, String imageId, ImageConfig config) {}
