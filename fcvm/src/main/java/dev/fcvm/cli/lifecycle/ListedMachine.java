package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.machine.store.MachineView;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine under the names and in the words that {@code podman ps} has for a container.
 *
 * @param view the machine
 * @param now what ages are counted to
 */
record ListedMachine(MachineView view, Instant now) {

    /** What stands above each column, by what stands in a template. */
    static final Map<String, String> HEADINGS = headings();

    private static Map<String, String> headings() {
        Map<String, String> headings = new LinkedHashMap<>();
        headings.put("ID", "MACHINE ID");
        headings.put("Image", "IMAGE");
        headings.put("Command", "COMMAND");
        headings.put("RunningFor", "CREATED");
        headings.put("Status", "STATUS");
        headings.put("Ports", "PORTS");
        headings.put("Names", "NAMES");
        for (String name : List.of("Created", "CreatedAt", "State", "ExitCode", "Exited", "ExitedAt", "StartedAt")) {
            headings.put(name, name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toUpperCase(java.util.Locale.ROOT));
        }
        headings.put("Labels", "LABELS");
        headings.put("Networks", "NETWORKS");
        headings.put("ImageID", "IMAGE ID");
        headings.put("AutoRemove", "AUTO REMOVE");
        headings.put("Vmm", "VMM");
        headings.put("Restarts", "RESTARTS");
        return headings;
    }

    /** Returns its state and since when, such as {@code Up 3 minutes}. */
    String status() {
        return switch (view.state()) {
            case "created" -> "Created";
            case "running" ->
                "Up " + HumanText.span(since(view.started()))
                        + (view.health().isEmpty() ? "" : " (" + view.health() + ")");
            case "paused" -> "Paused" + (view.reason().isEmpty() ? "" : " (" + view.reason() + ")");
            case "suspended" -> "Suspended" + (view.reason().isEmpty() ? "" : " (not woken: " + view.reason() + ")");
            case "exited" ->
                "Exited (" + view.exitCode() + ")" + (view.outOfMemory() ? ", OOM " : " ")
                        + HumanText.age(since(view.since()));
            case "failed" -> "Failed: " + view.reason();
            case "abandoned" -> "Abandoned (fcvm gone)";
            default ->
                Character.toUpperCase(view.state().charAt(0)) + view.state().substring(1);
        };
    }

    private Duration since(String time) {
        return Duration.between(instant(time).orElse(now), now);
    }

    /** Returns when it was made; the epoch where that is not known. */
    Instant created() {
        return instant(view.created()).orElse(Instant.EPOCH);
    }

    private static Optional<Instant> instant(String time) {
        try {
            return Optional.of(Instant.parse(time));
        } catch (DateTimeParseException unknown) {
            return Optional.empty();
        }
    }

    /** Returns what was asked to run, in a line. */
    String command() {
        return String.join(" ", view.command());
    }

    /** Returns the fields of a template. */
    Map<String, Object> fields(boolean whole) {
        boolean ended = view.state().equals("exited") || view.state().equals("failed");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("ID", whole ? view.id() : view.id().substring(0, 12));
        fields.put("Image", view.image());
        fields.put("Command", command());
        fields.put("RunningFor", HumanText.age(Duration.between(created(), now)));
        fields.put("Status", status());
        fields.put("Ports", String.join(", ", view.ports()));
        fields.put("Names", view.name());
        fields.put("Created", created().getEpochSecond());
        fields.put("CreatedAt", view.created());
        fields.put("State", view.state());
        fields.put("ExitCode", (long) view.exitCode());
        fields.put("Exited", ended);
        fields.put("ExitedAt", ended ? view.since() : "");
        fields.put("StartedAt", view.started());
        fields.put("Labels", labels());
        fields.put("Networks", view.network());
        fields.put("ImageID", view.imageId());
        fields.put("AutoRemove", view.remove());
        fields.put("Vmm", view.vmm());
        fields.put("Restarts", 0L);
        return fields;
    }

    /** Returns the fields of {@code podman ps --format json}. */
    Map<String, Object> document() {
        Map<String, Object> document = fields(true);
        document.put("Id", document.remove("ID"));
        document.put("Names", List.of(view.name()));
        document.put("Command", view.command());
        document.put("Ports", view.ports());
        document.put("Networks", view.network().isEmpty() ? List.of() : List.of(view.network()));
        document.put("Created", created().getEpochSecond());
        return document;
    }

    /** Returns its labels by their names. */
    Map<String, Object> labels() {
        Map<String, Object> labels = new LinkedHashMap<>();
        for (String label : view.labels()) {
            int equals = label.indexOf('=');
            labels.put(equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
        }
        return labels;
    }
}
