package dev.fcvm.volume.named;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;

/**
 * What is written down of a volume.
 *
 * @param version the layout of the document: 1
 * @param name its name
 * @param created when it was made, ISO 8601
 * @param size how large its disk is, in bytes
 * @param labels {@code NAME=VALUE}, as the user gave them
 */
@Json
public record VolumeRecord(int version, String name, String created, long size, List<String> labels) {

    /** The only version there is. */
    static final int VERSION = 1;

    /** A damaged document lacks fields, and is told as such when it is read. */
    public VolumeRecord {
        name = Objects.requireNonNullElse(name, "");
        created = Objects.requireNonNullElse(created, "");
        labels = List.copyOf(Objects.requireNonNullElse(labels, List.of()));
    }
}
