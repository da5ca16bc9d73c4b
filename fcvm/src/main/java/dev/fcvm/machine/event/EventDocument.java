package dev.fcvm.machine.event;

import io.avaje.jsonb.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An event as a line of the journal of events, and of {@code fcvm events --format json}.
 *
 * @param time ISO 8601
 * @param action the word
 * @param id the machine's id
 * @param name its name
 * @param image its image
 * @param labels {@code NAME=VALUE}
 * @param details what else is known
 */
@Json
public record EventDocument(
        String time,
        String action,
        String id,
        String name,
        String image,
        List<String> labels,
        Map<String, String> details) {

    /** A damaged line lacks fields. */
    public EventDocument {
        time = Objects.requireNonNullElse(time, "");
        action = Objects.requireNonNullElse(action, "");
        id = Objects.requireNonNullElse(id, "");
        name = Objects.requireNonNullElse(name, "");
        image = Objects.requireNonNullElse(image, "");
        labels = List.copyOf(Objects.requireNonNullElse(labels, List.of()));
        details = Map.copyOf(Objects.requireNonNullElse(details, Map.of()));
    }

    /** Writes an event. */
    public static EventDocument of(MachineEvent event) {
        return new EventDocument(
                event.time().toString(),
                event.action().word(),
                event.id(),
                event.name(),
                event.image(),
                event.labels(),
                event.details());
    }

    /** Returns the event; nothing when the document is damaged. */
    public Optional<MachineEvent> event() {
        try {
            Instant when = Instant.parse(time);
            return Action.of(action).map(what -> new MachineEvent(when, what, id, name, image, labels, details));
        } catch (DateTimeException damaged) {
            return Optional.empty();
        }
    }
}
