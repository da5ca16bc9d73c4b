package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What may pass in a time; zero of either means everything.
 *
 * @param size bytes or operations
 * @param refillTime in which an empty bucket fills up, counted in milliseconds
 * @param oneTimeBurst what may pass at first, once
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record TokenBucket(
        long size, @Json.Serializer(Milliseconds.class) Duration refillTime, OptionalLong oneTimeBurst) {

    public TokenBucket {
        oneTimeBurst = Objects.requireNonNullElse(oneTimeBurst, OptionalLong.empty()); // what JSON's null is read as
    }

    /** Returns a bucket for so much a second. */
    public static TokenBucket perSecond(long size) {
        return new TokenBucket(size, Duration.ofSeconds(1), OptionalLong.empty());
    }
}
