package dev.fcvm.image;

import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An image as {@code images --json} shows it, with the fields of {@code podman images --format json}.
 *
 * @param id the digest of its configuration, 64 hexadecimal digits
 * @param parentId empty: the store knows no parents
 * @param repoTags its names with a tag
 * @param repoDigests its names with a digest
 * @param size of its unpacked layers, in bytes
 * @param sharedSize 0: a disk is an image's own
 * @param virtualSize the same as its size
 * @param labels its labels
 * @param containers how many machines use it now
 * @param names its names with a tag, and those with a digest by which it was asked for
 * @param digest of its manifest
 * @param created when it was made, seconds since 1970
 * @param createdAt the same, ISO 8601
 * @param arch what it is made for
 * @param os linux
 * @param dangling whether it has no such name
 */
@Json
public record ImageView(
        @Json.Property("Id") String id,
        @Json.Property("ParentId") String parentId,
        @Json.Property("RepoTags") List<String> repoTags,
        @Json.Property("RepoDigests") List<String> repoDigests,
        @Json.Property("Size") long size,
        @Json.Property("SharedSize") long sharedSize,
        @Json.Property("VirtualSize") long virtualSize,
        @Json.Property("Labels") Map<String, String> labels,
        @Json.Property("Containers") int containers,
        @Json.Property("Names") List<String> names,
        @Json.Property("Digest") String digest,
        @Json.Property("Created") long created,
        @Json.Property("CreatedAt") String createdAt,
        @Json.Property("Arch") String arch,
        @Json.Property("Os") String os,
        @Json.Property("Dangling") boolean dangling) {

    /** Returns the view of an image. */
    public static ImageView of(ImageSummary summary) {
        ImageRecord image = summary.image();
        List<String> tags = summary.tags().stream().map(QualifiedName::toString).toList();
        return new ImageView(
                image.id(),
                "",
                tags,
                summary.digests().stream().map(QualifiedName::toString).toList(),
                image.size(),
                0,
                image.size(),
                image.config().labels(),
                summary.leases(),
                Stream.concat(tags.stream(), summary.pinned().stream().map(QualifiedName::toString))
                        .toList(),
                image.digest(),
                image.created(),
                Instant.ofEpochSecond(image.created()).toString(),
                image.architecture(),
                "linux",
                summary.isDangling());
    }
}
