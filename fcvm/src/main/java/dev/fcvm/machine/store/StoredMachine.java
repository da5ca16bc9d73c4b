package dev.fcvm.machine.store;

import dev.fcvm.machine.ready.HealthRecord;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSpec;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A machine as its files tell of it, at one moment.
 *
 * @param files where they lie
 * @param spec what it is; nothing while it is prepared, or when the file is damaged
 * @param state where it stood when it was last written down; its owner may be dead
 * @param name its name, or its short id where the name is not known
 */
public record StoredMachine(MachineFiles files, Optional<MachineSpec> spec, MachineState state, MachineName name) {

    /** Reads what the files of a machine say. */
    public static StoredMachine read(MachineFiles files) {
        Jsonb jsonb = Jsonb.instance();
        Optional<MachineSpec> spec = document(jsonb, MachineSpec.class, files.spec());
        MachineState state = document(jsonb, StateDocument.class, files.state())
                .map(StateDocument::toState)
                .orElse(new MachineState.Preparing(Instant.EPOCH));
        MachineName name =
                new MachineName(spec.map(MachineSpec::name).orElse(files.id().brief()));
        return new StoredMachine(files, spec, state, name);
    }

    /** Returns when it was made, ISO 8601; empty when that is not known. */
    String created() {
        return spec.map(MachineSpec::created).orElse("");
    }

    /** Returns whether it is nobody's yet, and waits in a pool: what it is to be is written down when it is taken. */
    boolean isPooled() {
        return spec.isEmpty() && Files.exists(files.pooled());
    }

    /** Returns what is known of its container's health. */
    HealthRecord health() {
        return HealthRecord.read(files.health());
    }

    private static <T> Optional<T> document(Jsonb jsonb, Class<T> type, Path file) {
        try {
            return Optional.of(jsonb.type(type).fromJson(Files.readString(file)));
        } catch (IOException | JsonException | IllegalArgumentException | NullPointerException damaged) {
            // Not written yet, or damaged: the machine is listed as one of which nothing is known, and can be removed.
            return Optional.empty();
        }
    }
}
