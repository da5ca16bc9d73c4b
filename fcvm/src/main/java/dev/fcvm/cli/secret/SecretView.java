package dev.fcvm.cli.secret;

import dev.fcvm.volume.secret.SecretRecord;
import io.avaje.jsonb.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A secret as {@code fcvm secret inspect} shows it, with Podman's names: all but the secret itself.
 *
 * @param id its id
 * @param createdAt when it was made, ISO 8601
 * @param updatedAt when it was last replaced, ISO 8601
 * @param spec what it was made with
 */
@Json
public record SecretView(
        @Json.Property("ID") String id,
        @Json.Property("CreatedAt") String createdAt,
        @Json.Property("UpdatedAt") String updatedAt,
        @Json.Property("Spec") Spec spec) {

    /**
     * What it was made with.
     *
     * @param name its name
     * @param driver how it is kept
     * @param labels as the user gave them
     */
    @Json
    public record Spec(
            @Json.Property("Name") String name,
            @Json.Property("Driver") Driver driver,
            @Json.Property("Labels") Map<String, String> labels) {}

    /**
     * How it is kept.
     *
     * @param name always {@code file}
     */
    @Json
    public record Driver(@Json.Property("Name") String name) {}

    static SecretView of(SecretRecord secret) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : secret.labels()) {
            int equals = label.indexOf('=');
            labels.put(equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
        }
        return new SecretView(
                secret.id(), secret.created(), secret.updated(), new Spec(secret.name(), new Driver("file"), labels));
    }
}
