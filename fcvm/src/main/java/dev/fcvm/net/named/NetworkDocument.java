package dev.fcvm.net.named;

import io.avaje.jsonb.Json;
import java.util.Objects;

/**
 * A network that joins machines, as it lies in {@code network.json}: written once, never changed.
 *
 * @param version the layout of the document: 1
 * @param name its name, which is its directory's
 * @param id its identity
 * @param subnet ADDRESS/PREFIX
 * @param created ISO 8601
 */
@Json
public record NetworkDocument(int version, String name, String id, String subnet, String created) {

    /** A damaged document lacks fields, and must be told as such. */
    public NetworkDocument {
        name = Objects.requireNonNullElse(name, "");
        id = Objects.requireNonNullElse(id, "");
        subnet = Objects.requireNonNullElse(subnet, "");
        created = Objects.requireNonNullElse(created, "");
    }
}
