package dev.fcvm.image;

import java.util.List;

/**
 * An image in the store, with its names.
 *
 * @param image the image
 * @param tags its names with a tag
 * @param digests its names with a digest
 * @param pinned those with a digest by which somebody has asked for it
 * @param leases how many machines use it now
 */
public record ImageSummary(
        ImageRecord image,
        List<QualifiedName> tags,
        List<QualifiedName> digests,
        List<QualifiedName> pinned,
        int leases) {

    public ImageSummary {
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
        pinned = List.copyOf(pinned);
    }

    /** Returns whether nobody has a name for it any more, as when its tag has moved on. */
    public boolean isDangling() {
        return tags.isEmpty() && pinned.isEmpty();
    }
}
