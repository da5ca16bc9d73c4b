package dev.fcvm.machine;

import io.avaje.jsonb.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;

/**
 * A machine's state as it lies in {@code state.json}.
 *
 * @param version the layout of the document: 1
 * @param state preparing, booting, running, paused, exited or failed
 * @param since when it began, ISO 8601
 * @param exitCode the container's exit code when exited, else 0
 * @param reason why it failed or is paused, or "out of memory" when that ended a process of the container, else empty
 */
@Json
record StateDocument(int version, String state, String since, int exitCode, String reason) {

    static final int VERSION = 1;

    /** The reason of a container that has exited because of it. */
    static final String OUT_OF_MEMORY = "out of memory";

    /** A damaged document lacks fields, and must be shown all the same. */
    StateDocument {
        state = Objects.requireNonNullElse(state, "");
        since = Objects.requireNonNullElse(since, "");
        reason = Objects.requireNonNullElse(reason, "");
    }

    static StateDocument of(MachineState state) {
        return switch (state) {
            case MachineState.Preparing preparing -> plain("preparing", preparing.since());
            case MachineState.Booting booting -> plain("booting", booting.since());
            case MachineState.Running running -> plain("running", running.since());
            case MachineState.Paused(String reason, Instant since) ->
                new StateDocument(VERSION, "paused", since.toString(), 0, reason);
            case MachineState.Exited(int code, boolean outOfMemory, Instant since) ->
                new StateDocument(VERSION, "exited", since.toString(), code, outOfMemory ? OUT_OF_MEMORY : "");
            case MachineState.Failed(String reason, Instant since) ->
                new StateDocument(VERSION, "failed", since.toString(), 0, reason);
        };
    }

    private static StateDocument plain(String state, Instant since) {
        return new StateDocument(VERSION, state, since.toString(), 0, "");
    }

    /** Returns the state; one that cannot be understood is a failed one, which says so. */
    MachineState toState() {
        Instant began;
        try {
            began = Instant.parse(since);
        } catch (DateTimeException damaged) {
            began = Instant.EPOCH;
        }
        return switch (state) {
            case "preparing" -> new MachineState.Preparing(began);
            case "booting" -> new MachineState.Booting(began);
            case "running" -> new MachineState.Running(began);
            case "paused" -> new MachineState.Paused(reason, began);
            case "exited" -> new MachineState.Exited(exitCode, reason.equals(OUT_OF_MEMORY), began);
            case "failed" -> new MachineState.Failed(reason, began);
            default -> new MachineState.Failed("its state \"" + state + "\" is unknown to this version", began);
        };
    }
}
