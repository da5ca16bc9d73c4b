package dev.fcvm.cli;

import dev.fcvm.image.ImageSummary;
import dev.fcvm.image.QualifiedName;
import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.List;

/**
 * An image as {@code images --format json} prints it; the names are Podman's.
 *
 * @param id 64 hexadecimal digits
 * @param names its full names
 * @param digest of its manifest
 * @param created seconds since 1970
 * @param createdAt the same as ISO 8601
 * @param size of its unpacked layers, in bytes
 * @param containers how many machines use it
 */
@Json
public record ImageView(
        @Json.Property("Id") String id,
        @Json.Property("Names") List<String> names,
        @Json.Property("Digest") String digest,
        @Json.Property("Created") long created,
        @Json.Property("CreatedAt") String createdAt,
        @Json.Property("Size") long size,
        @Json.Property("Containers") int containers) {

    static ImageView of(ImageSummary summary) {
        var image = summary.image();
        return new ImageView(
                image.id(),
                summary.tags().stream().map(QualifiedName::toString).toList(),
                image.digest(),
                image.created(),
                Instant.ofEpochSecond(image.created()).toString(),
                image.size(),
                summary.leases());
    }
}
