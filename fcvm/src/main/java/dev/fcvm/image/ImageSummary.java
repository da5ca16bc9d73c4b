package dev.fcvm.image;

import java.util.List;

/**
 * An image in the store, with its names.
 *
 * @param image the image
 * @param tags its names with a tag
 * @param digests its names with a digest
 * @param leases how many machines use it now
 */
public record ImageSummary(ImageRecord image, List<QualifiedName> tags, List<QualifiedName> digests, int leases) {

    public ImageSummary {
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
    }
}
