package dev.fcvm.machine.store;

import io.avaje.jsonb.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A machine's state as it lies in {@code state.json}.
 *
 * @param version the layout of the document: 2; 1 had no {@code started}
 * @param state created, preparing, booting, running, paused, suspended, stopping, exited, failed or removing
 * @param since when it began, ISO 8601
 * @param started when the container was started, ISO 8601; empty when it was not
 * @param exitCode the container's exit code when exited, else 0
 * @param reason why it failed, is paused or was not woken, or "out of memory" when that ended a process of the container,
 *     else empty
 */
@Json
record StateDocument(int version, String state, String since, String started, int exitCode, String reason) {

    static final int VERSION = 2;

    /** The reason of a container that has exited because of it. */
    static final String OUT_OF_MEMORY = "out of memory";

    /** A damaged document lacks fields, and must be shown all the same. */
    StateDocument {
        state = Objects.requireNonNullElse(state, "");
        since = Objects.requireNonNullElse(since, "");
        started = Objects.requireNonNullElse(started, "");
        reason = Objects.requireNonNullElse(reason, "");
    }

    static StateDocument of(MachineState state) {
        return switch (state) {
            case MachineState.Created created -> plain("created", created.since());
            case MachineState.Preparing preparing -> plain("preparing", preparing.since());
            case MachineState.Booting booting -> plain("booting", booting.since());
            case MachineState.Running running -> up("running", running, "");
            case MachineState.Paused paused -> up("paused", paused, paused.reason());
            case MachineState.Stopping stopping -> up("stopping", stopping, "");
            case MachineState.Suspended(String reason, Instant since) ->
                new StateDocument(VERSION, "suspended", since.toString(), "", 0, reason);
            case MachineState.Exited(int code, boolean outOfMemory, Optional<Instant> started, Instant since) ->
                new StateDocument(
                        VERSION,
                        "exited",
                        since.toString(),
                        started.map(Instant::toString).orElse(""),
                        code,
                        outOfMemory ? OUT_OF_MEMORY : "");
            case MachineState.Failed(String reason, Instant since) ->
                new StateDocument(VERSION, "failed", since.toString(), "", 0, reason);
            case MachineState.Removing removing -> plain("removing", removing.since());
        };
    }

    private static StateDocument plain(String state, Instant since) {
        return new StateDocument(VERSION, state, since.toString(), "", 0, "");
    }

    private static StateDocument up(String word, MachineState.Up state, String reason) {
        return new StateDocument(
                VERSION, word, state.since().toString(), state.started().toString(), 0, reason);
    }

    /** Returns the state; one that cannot be understood is a failed one, which says so. */
    MachineState toState() {
        Instant began = instant(since).orElse(Instant.EPOCH);
        Instant start = instant(started).orElse(began);
        return switch (state) {
            case "created" -> new MachineState.Created(began);
            case "preparing" -> new MachineState.Preparing(began);
            case "booting" -> new MachineState.Booting(began);
            case "running" -> new MachineState.Running(start, began);
            case "paused" -> new MachineState.Paused(reason, start, began);
            case "stopping" -> new MachineState.Stopping(start, began);
            case "suspended" -> new MachineState.Suspended(reason, began);
            case "exited" -> new MachineState.Exited(exitCode, reason.equals(OUT_OF_MEMORY), instant(started), began);
            case "failed" -> new MachineState.Failed(reason, began);
            case "removing" -> new MachineState.Removing(began);
            default -> new MachineState.Failed("its state \"" + state + "\" is unknown to this version", began);
        };
    }

    private static Optional<Instant> instant(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException damaged) {
            return Optional.empty();
        }
    }
}
