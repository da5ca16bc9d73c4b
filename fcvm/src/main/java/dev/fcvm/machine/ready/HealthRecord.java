package dev.fcvm.machine.ready;

import dev.fcvm.agent.GuestText;
import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a container's health, under Podman's names.
 *
 * @param status {@code starting}, {@code healthy} or {@code unhealthy}; empty when it has no check
 * @param failingStreak how often in a row the check has failed
 * @param log the last checks, the oldest first
 */
@Json
public record HealthRecord(
        @Json.Property("Status") String status,
        @Json.Property("FailingStreak") int failingStreak,
        @Json.Property("Log") List<Check> log) {

    private static final Set<String> WORDS = Set.of("starting", "healthy", "unhealthy");
    private static final int MOST_CHECKS = 100;
    private static final int LONGEST_OUTPUT = 4096;
    private static final int LONGEST_TIME = 40;

    /** Of a container without a check. */
    public static final HealthRecord NONE = new HealthRecord("", 0, List.of());

    /** Before the first check. */
    public static final HealthRecord STARTING = new HealthRecord("starting", 0, List.of());

    /**
     * One check.
     *
     * @param start when it began, ISO 8601
     * @param end when it ended
     * @param exitCode of its command
     * @param output what the command wrote, cut
     */
    @Json
    public record Check(
            @Json.Property("Start") String start,
            @Json.Property("End") String end,
            @Json.Property("ExitCode") int exitCode,
            @Json.Property("Output") String output) {}

    public HealthRecord {
        log = List.copyOf(log);
    }

    /** What a guest says; every part may be missing. */
    @Json
    public record Said(
            @Json.Property("Status") @Nullable String status,
            @Json.Property("FailingStreak") int failingStreak,
            @Json.Property("Log") @Nullable List<SaidOfCheck> log) {}

    /** One check, in the guest's words. */
    @Json
    public record SaidOfCheck(
            @Json.Property("Start") @Nullable String start,
            @Json.Property("End") @Nullable String end,
            @Json.Property("ExitCode") int exitCode,
            @Json.Property("Output") @Nullable String output) {

        Check harmless() {
            return new Check(
                    text(start, LONGEST_TIME), text(end, LONGEST_TIME), exitCode & 0xff, text(output, LONGEST_OUTPUT));
        }

        private static String text(@Nullable String text, int limit) {
            return text == null ? "" : GuestText.harmless(text.strip(), limit);
        }
    }

    /**
     * Reads what a guest says.
     *
     * @return nothing when it is no record of checks
     */
    public static Optional<HealthRecord> ofGuest(String document) {
        try {
            Said said = UntrustedJson.read(Jsonb.instance().type(Said.class), document);
            String status = said.status();
            if (status == null || !WORDS.contains(status)) {
                return Optional.empty();
            }
            List<SaidOfCheck> checks = said.log() == null ? List.of() : said.log();
            if (checks.stream().anyMatch(Objects::isNull)) {
                return Optional.empty();
            }
            List<Check> last = checks.subList(Math.max(0, checks.size() - MOST_CHECKS), checks.size()).stream()
                    .map(SaidOfCheck::harmless)
                    .toList();
            return Optional.of(new HealthRecord(status, Math.max(0, said.failingStreak()), last));
        } catch (MalformedJson none) {
            return Optional.empty();
        }
    }

    /** Returns what was written down last; that there is no check when nothing was. */
    public static HealthRecord read(Path file) {
        try {
            return Jsonb.instance().type(HealthRecord.class).fromJson(Files.readString(file));
        } catch (IOException | JsonException | IllegalArgumentException | NullPointerException none) {
            // Not there, or damaged: it is written again with the next check.
            return NONE;
        }
    }

    /** Returns the document. */
    public String json() {
        return Jsonb.instance().type(HealthRecord.class).toJson(this);
    }

    /** Returns the state, and how the last check came out, in a few words. */
    String words() {
        if (log.isEmpty()) {
            return "its health is " + status + ", and no check has ended yet";
        }
        Check last = log.getLast();
        String said = last.output().isEmpty() ? "" : ": " + GuestText.harmless(last.output(), Look.LONGEST);
        return "its health is " + status + ", and the last check ended with " + last.exitCode() + said;
    }
}
