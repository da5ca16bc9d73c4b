package dev.fcvm.machine.live;

import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import dev.fcvm.machine.ready.HealthRecord;
import dev.fcvm.machine.ready.Signs;
import dev.fcvm.machine.store.MachineFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;

/** Keeps what is known of a container's health: in {@code health.json}, as an event, and for whoever waits for it. */
final class HealthKeeper {

    private final Standing standing;
    private final Signs signs = new Signs();

    HealthKeeper(Standing standing) {
        this.standing = standing;
    }

    /** Returns what the machine shows of itself. */
    Signs signs() {
        return signs;
    }

    /** The container is started: nothing of it has been checked. */
    void begin() {
        keep(standing.spec().ready().health() ? HealthRecord.STARTING : HealthRecord.NONE);
    }

    /** The machine is taken over: what was known is known still. */
    void goOn() {
        signs.found(HealthRecord.read(files().health()));
    }

    /** The guest says what checks have found. */
    void heard(String document) {
        Optional<HealthRecord> record = HealthRecord.ofGuest(document);
        if (record.isEmpty()
                || !standing.spec().ready().health()
                || record.get().equals(signs.health())) {
            return;
        }
        boolean changed = !record.get().status().equals(signs.health().status());
        keep(record.get());
        if (changed) {
            standing.happened(
                    Action.HEALTH_STATUS,
                    Map.of(MachineEvent.HEALTH_STATUS, record.get().status()));
        }
    }

    private void keep(HealthRecord record) {
        try {
            if (record.equals(HealthRecord.NONE)) {
                Files.deleteIfExists(files().health());
            } else {
                MachineFiles.write(files().health(), record.json());
            }
        } catch (IOException unwritten) {
            standing.world()
                    .log()
                    .accept(standing.owned().name() + ": its health cannot be written down: " + unwritten.getMessage());
        }
        signs.found(record);
    }

    private MachineFiles files() {
        return standing.owned().files();
    }
}
