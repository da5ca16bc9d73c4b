package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Objects;

/**
 * What Firecracker says about itself and its machine.
 *
 * @param state {@code Not started}, {@code Running} or {@code Paused}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Instance(String appName, String id, String state, String vmmVersion) {

    public Instance {
        // The reader of JSON gives null for what is missing.
        Objects.requireNonNull(appName, "appName");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(vmmVersion, "vmmVersion");
    }

    /** Asks for it. */
    public record Ask() implements ApiCall.Get<Instance> {
        @Override
        public String path() {
            return "/";
        }

        @Override
        public String purpose() {
            return "tell how its machine is";
        }

        @Override
        public Class<Instance> answer() {
            return Instance.class;
        }
    }

    /** The version alone. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Version(String firecrackerVersion) {
        public Version {
            Objects.requireNonNull(firecrackerVersion, "firecrackerVersion");
        }
    }

    /** Asks for that. */
    public record AskVersion() implements ApiCall.Get<Version> {
        @Override
        public String path() {
            return "/version";
        }

        @Override
        public String purpose() {
            return "tell its version";
        }

        @Override
        public Class<Version> answer() {
            return Version.class;
        }
    }
}
