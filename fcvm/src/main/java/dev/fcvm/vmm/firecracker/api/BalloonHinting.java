package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A run in which the guest names the pages it does not need; a preview of Firecracker's.
 *
 * @param hostCmd the run the host has asked for
 * @param guestCmd the run the guest is at
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record BalloonHinting(int hostCmd, OptionalInt guestCmd) {

    public BalloonHinting {
        guestCmd = Objects.requireNonNullElse(guestCmd, OptionalInt.empty()); // what JSON's null is read as
    }

    private static final String PATH = "/balloon/hinting/";

    /** Starts one. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Start(Optional<Boolean> acknowledgeOnStop) implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH + "start";
        }

        @Override
        public String purpose() {
            return "start free page hinting";
        }

        @Override
        public Set<Feature> features() {
            return Set.of(Feature.BALLOON_HINTING);
        }
    }

    /** Stops it. */
    public record Stop() implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH + "stop";
        }

        @Override
        public String purpose() {
            return "stop free page hinting";
        }

        @Override
        public String body(FirecrackerVersion version) {
            return "";
        }

        @Override
        public Set<Feature> features() {
            return Set.of(Feature.BALLOON_HINTING);
        }
    }

    /** Asks how far it is. */
    public record Ask() implements ApiCall.Get<BalloonHinting> {
        @Override
        public String path() {
            return PATH + "status";
        }

        @Override
        public String purpose() {
            return "tell how far free page hinting is";
        }

        @Override
        public Set<Feature> features() {
            return Set.of(Feature.BALLOON_HINTING);
        }

        @Override
        public Class<BalloonHinting> answer() {
            return BalloonHinting.class;
        }
    }
}
