package dev.fcvm.volume.secret;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Objects;

/**
 * What is written down of a secret, beside the secret itself.
 *
 * @param version the layout of the document: 1
 * @param id 25 hexadecimal digits, as Podman gives them
 * @param name its name
 * @param created when it was made, ISO 8601
 * @param updated when its content was last replaced, ISO 8601
 * @param labels {@code NAME=VALUE}, as the user gave them
 */
@Json
public record SecretRecord(int version, String id, String name, String created, String updated, List<String> labels) {

    /** The only version there is. */
    static final int VERSION = 1;

    /** A damaged document lacks fields, and is told as such when it is read. */
    public SecretRecord {
        id = Objects.requireNonNullElse(id, "");
        name = Objects.requireNonNullElse(name, "");
        created = Objects.requireNonNullElse(created, "");
        updated = Objects.requireNonNullElse(updated, "");
        labels = List.copyOf(Objects.requireNonNullElse(labels, List.of()));
    }
}
