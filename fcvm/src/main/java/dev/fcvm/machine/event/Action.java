package dev.fcvm.machine.event;

import java.util.Locale;
import java.util.Optional;

/** What can happen to a machine; the words are those of {@code podman events}. */
public enum Action {
    /** It is there, and has not been started. */
    CREATE,
    /** Its container runs. */
    START,
    /** Somebody watches its container. */
    ATTACH,
    /** A command has been started in it. */
    EXEC,
    /** Such a command has ended. */
    EXEC_DIED,
    /** Its container was sent a signal. */
    KILL,
    /** Its processors stand still. */
    PAUSE,
    /** They go on. */
    UNPAUSE,
    /** It was saved as it ran. */
    CHECKPOINT,
    /** Its memory is saved, and nothing of it runs. */
    SUSPEND,
    /** It goes on from what was saved. */
    RESTORE,
    /** It is told to end. */
    STOP,
    /** Its container has ended. */
    DIED,
    /** It came to nothing. */
    FAILED,
    /** Its container's health is another than before. */
    HEALTH_STATUS,
    /** It is started again. */
    RESTART,
    /** It has another name. */
    RENAME,
    /** It is gone. */
    REMOVE;

    /** Returns the word. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the action of a word; {@code die} is docker's for {@code died}. */
    public static Optional<Action> of(String word) {
        for (Action action : values()) {
            if (action.word().equals(word)) {
                return Optional.of(action);
            }
        }
        return switch (word) {
            case "die", "exited" -> Optional.of(DIED);
            case "destroy", "rm" -> Optional.of(REMOVE);
            default -> Optional.empty();
        };
    }
}
