package dev.fcvm.image;

import io.avaje.jsonb.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An image's configuration as it lies in its blob.
 *
 * @param architecture what it is made for
 * @param variant of the architecture
 * @param os its system
 * @param created when it was made, RFC 3339
 * @param config about its container
 */
@Json
record RawImage(
        @Nullable String architecture,
        @Nullable String variant,
        @Nullable String os,
        @Nullable String created,
        @Nullable RawConfig config) {

    private static final long NEVER = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();

    private static final Pattern ESCAPED = Pattern.compile("[\\x00-\\x1f\\x7f\"\\\\]");

    /**
     * Returns when it was made, seconds since 1970. As with Podman, that is now for an image that does not say, or says
     * the first second of the year 1, which is how tools in Go say nothing.
     */
    long createdSeconds(Instant now) {
        try {
            long said = created == null ? NEVER : OffsetDateTime.parse(created).toEpochSecond();
            return said == NEVER ? now.getEpochSecond() : said;
        } catch (DateTimeException e) {
            return now.getEpochSecond(); // nothing hangs on it
        }
    }

    ImageConfig toConfig() {
        RawConfig raw =
                config == null ? new RawConfig(null, null, null, null, null, null, null, null, null, null) : config;
        return new ImageConfig(
                list(raw.entrypoint()),
                list(raw.command()),
                list(raw.environment()),
                text(raw.workingDirectory()),
                text(raw.user()),
                keys(raw.exposedPorts()),
                keys(raw.volumes()),
                text(raw.stopSignal()),
                labels(raw.labels()),
                raw.healthcheck() == null ? null : raw.healthcheck().toCheck());
    }

    private static List<String> list(@Nullable List<String> values) {
        return values == null ? List.of() : values;
    }

    /** A label without a value is an empty one, as for Podman. */
    private static Map<String, String> labels(@Nullable Map<String, @Nullable String> values) {
        Map<String, String> labels = new HashMap<>();
        if (values != null) {
            values.forEach((name, value) -> {
                // The library does not read a name with escapes back as it has written it. No label has such a name.
                if (!ESCAPED.matcher(name).find()) {
                    labels.put(name, text(value));
                }
            });
        }
        return labels;
    }

    private static List<String> keys(@Nullable Map<String, Object> values) {
        return values == null ? List.of() : values.keySet().stream().sorted().toList();
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** The part about the container. */
    @Json
    record RawConfig(
            @Json.Property("Entrypoint") @Nullable List<String> entrypoint,
            @Json.Property("Cmd") @Nullable List<String> command,
            @Json.Property("Env") @Nullable List<String> environment,
            @Json.Property("WorkingDir") @Nullable String workingDirectory,
            @Json.Property("User") @Nullable String user,
            @Json.Property("ExposedPorts") @Nullable Map<String, Object> exposedPorts,
            @Json.Property("Volumes") @Nullable Map<String, Object> volumes,
            @Json.Property("StopSignal") @Nullable String stopSignal,
            @Json.Property("Labels") @Nullable Map<String, @Nullable String> labels,
            @Json.Property("Healthcheck") ImageHealthcheck.@Nullable Raw healthcheck) {
        RawConfig {
            entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
            command = command == null ? null : List.copyOf(command);
            environment = environment == null ? null : List.copyOf(environment);
        }
    }
}
