package dev.fcvm.machine.podman;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All flags of {@code fcvm run} and {@code podman run}, from the table {@code run.flags}. */
public final class RunFlags {

    private final Map<String, RunFlag> byName;

    private RunFlags(Map<String, RunFlag> byName) {
        this.byName = byName;
    }

    /** Returns whether the value of a switch means yes. */
    public static boolean isYes(String value) {
        return FlagValue.isYes(value);
    }

    /** Returns whether the value of a switch means no. What means neither is no value of a switch. */
    public static boolean isNo(String value) {
        return FlagValue.isNo(value);
    }

    /** Reads the table. A run whose flags are all read by fcvm's own code needs it not. */
    public static RunFlags load() {
        try (InputStream table = RunFlags.class.getResourceAsStream("run.flags")) {
            if (table == null) {
                throw new IllegalStateException("run.flags is not among the program's resources");
            }
            return parse(new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read run.flags", unreadable);
        }
    }

    private static RunFlags parse(List<String> lines) {
        Map<String, RunFlag> byName = new LinkedHashMap<>();
        for (String line : lines) {
            if (!line.startsWith("#") && !line.isBlank()) {
                RunFlag flag = RunFlag.parse(line.strip());
                flag.names().forEach(name -> byName.put(name, flag));
            }
        }
        return new RunFlags(byName);
    }

    /** Returns the flag of this name, long or short, with its dashes. */
    public Optional<RunFlag> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Returns what is wrong with a value of a flag, as the end of a sentence; nothing when it is well. */
    public Optional<String> problem(RunFlag flag, String value) {
        return FlagValue.problem(flag, value);
    }

    /** Returns all, in the table's order. */
    public List<RunFlag> all() {
        return byName.values().stream().distinct().toList();
    }
}
