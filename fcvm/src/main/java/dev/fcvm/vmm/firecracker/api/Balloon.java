package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The device by which the host takes memory back from a guest that plays along; before the start.
 *
 * @param amount what it takes
 * @param deflateOnOom whether the guest may take it back when it runs short
 * @param statsPollingInterval in whole seconds; zero, as when left out, means no statistics for the machine's life
 * @param freePageHinting whether hinting runs may be started
 * @param freePageReporting whether the guest tells which pages it has freed
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Balloon(
        @Json.Property("amount_mib") MemorySize amount,
        boolean deflateOnOom,

        @Json.Property("stats_polling_interval_s") @Json.Serializer(Seconds.class)
        Duration statsPollingInterval,

        Optional<Boolean> freePageHinting,
        Optional<Boolean> freePageReporting)
        implements ApiCall.Put {

    public Balloon {
        // The reader of JSON gives null for what is missing.
        Objects.requireNonNull(amount, "amount");
        Objects.requireNonNull(statsPollingInterval, "statsPollingInterval");
    }

    private static final String PATH = "/balloon";

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public String purpose() {
        return "attach a balloon of " + amount;
    }

    @Override
    public Set<Feature> features() {
        Set<Feature> needed = EnumSet.noneOf(Feature.class);
        freePageHinting.ifPresent(on -> needed.add(Feature.BALLOON_HINTING));
        freePageReporting.ifPresent(on -> needed.add(Feature.BALLOON_REPORTING));
        return needed;
    }

    /** Asks for what is set. */
    public record Ask() implements ApiCall.Get<Balloon> {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "tell the balloon's size";
        }

        @Override
        public Class<Balloon> answer() {
            return Balloon.class;
        }
    }

    /** A new size, after the start. The guest follows as it can. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Resize(@Json.Property("amount_mib") MemorySize amount) implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "resize the balloon to " + amount;
        }
    }
}
