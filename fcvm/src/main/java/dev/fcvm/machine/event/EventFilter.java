package dev.fcvm.machine.event;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which events are wanted. Of filters with the same key one must fit, of different keys all.
 *
 * @param since only those of this time or later
 * @param until only those of this time or earlier
 * @param wanted values by key
 */
public record EventFilter(Optional<Instant> since, Optional<Instant> until, Map<String, List<String>> wanted) {

    private static final List<String> KEYS = List.of("event", "container", "image", "label", "type");

    public EventFilter {
        wanted = Map.copyOf(wanted);
    }

    /**
     * Reads filters as the user gives them.
     *
     * @param filters each {@code KEY=VALUE}
     * @throws FcvmException when one is none
     */
    public static EventFilter of(Optional<Instant> since, Optional<Instant> until, List<String> filters)
            throws FcvmException {
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String key = equals < 0 ? filter : filter.substring(0, equals);
            if (equals < 1 || !KEYS.contains(key)) {
                throw new FcvmException(
                        Kind.USAGE,
                        "--filter \"" + filter + "\" is none: give one of " + String.join(", ", KEYS)
                                + " with a value, such as event=died");
            }
            String value = filter.substring(equals + 1);
            if (key.equals("event") && Action.of(value).isEmpty()) {
                throw new FcvmException(Kind.USAGE, "--filter \"" + filter + "\": there is no event of that name");
            }
            wanted.computeIfAbsent(key, none -> new ArrayList<>()).add(value);
        }
        return new EventFilter(since, until, wanted);
    }

    /** Returns whether an event is wanted. */
    public boolean matches(MachineEvent event) {
        return since.filter(event.time()::isBefore).isEmpty()
                && until.filter(event.time()::isAfter).isEmpty()
                && wanted.entrySet().stream()
                        .allMatch(key -> key.getValue().stream().anyMatch(value -> fits(key.getKey(), value, event)));
    }

    private static boolean fits(String key, String value, MachineEvent event) {
        return switch (key) {
            case "event" -> Action.of(value).filter(event.action()::equals).isPresent();
            case "container" ->
                event.name().equals(value) || (!value.isEmpty() && event.id().startsWith(value));
            case "image" -> event.image().equals(value) || event.image().contains("/" + value);
            case "label" ->
                event.labels().stream().anyMatch(label -> label.equals(value) || label.startsWith(value + "="));
            case "type" -> value.equals("container");
            default -> false;
        };
    }
}
