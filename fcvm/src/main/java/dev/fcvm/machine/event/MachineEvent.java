package dev.fcvm.machine.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Something that happened to a machine.
 *
 * @param time when
 * @param action what, in podman's words
 * @param id the machine's id
 * @param name its name
 * @param image its image, as the user named it
 * @param labels its labels, {@code NAME=VALUE}
 * @param details what else is known, such as {@code exitCode} of one that died
 */
public record MachineEvent(
        Instant time,
        Action action,
        String id,
        String name,
        String image,
        List<String> labels,
        Map<String, String> details) {

    /** Of a container that has died: its exit code. */
    public static final String EXIT_CODE = "exitCode";

    /** Of a container that was sent a signal: its number. */
    public static final String SIGNAL = "signal";

    /** Of one more command: its session's id, as {@code fcvm exec -d} says it. */
    public static final String EXEC_ID = "execID";

    /** Of one that failed or was paused: why. */
    public static final String REASON = "reason";

    /** Of a container whose health has been checked: what it is. */
    public static final String HEALTH_STATUS = "health_status";

    public MachineEvent {
        labels = List.copyOf(labels);
        details = Map.copyOf(details);
    }
}
