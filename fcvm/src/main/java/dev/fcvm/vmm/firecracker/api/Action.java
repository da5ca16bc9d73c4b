package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.time.Duration;

/** Something that is done once. */
@Json(naming = Json.Naming.LowerUnderscore)
public record Action(Type actionType) implements ApiCall.Put {

    /** Starts the machine; when that fails it may be tried again. */
    public static final Action START = new Action(Type.INSTANCE_START);

    @Override
    public String path() {
        return "/actions";
    }

    @Override
    public String purpose() {
        return switch (actionType) {
            case INSTANCE_START -> "start the machine";
            case FLUSH_METRICS -> "write its metrics";
            case SEND_CTRL_ALT_DEL -> "press Ctrl-Alt-Del";
        };
    }

    @Override
    public Duration patience() {
        return Duration.ofSeconds(20);
    }

    /** What is done. */
    public enum Type {
        INSTANCE_START,
        /** After the start. */
        FLUSH_METRICS,
        /** After the start, to a guest with a driver for the keyboard. */
        SEND_CTRL_ALT_DEL;

        /** Returns Firecracker's word. */
        @Json.Value
        public String word() {
            return Words.of(this);
        }
    }
}
