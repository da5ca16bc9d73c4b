package dev.fcvm.machine.live;

import dev.fcvm.agent.ExecSession;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.MachineEvent;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * How commands in a machine end, for the journal of events: whether somebody waits for them or not, and whichever process
 * supervised the machine when they were started.
 */
public final class ExecEnds {

    private ExecEnds() {}

    /** Takes what happened to a machine. */
    @FunctionalInterface
    public interface Journal {

        /** Writes it down. */
        void happened(Action action, Map<String, String> details);
    }

    /**
     * Has the end of a command written down when it comes, by the id its user has. The guest need not keep it then.
     *
     * @return completes when that is done: true; or when it cannot be, as the session with the agent ended before: false
     */
    public static CompletableFuture<Boolean> record(ExecSession exec, Journal journal) {
        // Not on the thread that reads from the agent.
        return exec.exit()
                .handleAsync(
                        (code, _) -> {
                            if (code == null) {
                                return false;
                            }
                            journal.happened(
                                    Action.EXEC_DIED,
                                    Map.of(MachineEvent.EXEC_ID, exec.id(), MachineEvent.EXIT_CODE, code.toString()));
                            exec.kept();
                            return true;
                        },
                        Thread::startVirtualThread);
    }
}
