package dev.fcvm.machine.ready;

import dev.fcvm.agent.AgentSession;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A machine that is waited for until it is ready. */
public interface ReadySubject {

    /** Returns what its agent calls the container. */
    String container();

    /** Returns the session with its agent, while its container may run. */
    Optional<AgentSession> agent();

    /** Returns what it shows of itself. */
    Signs signs();

    /** Completes when it has ended. */
    CompletableFuture<?> ended();
}
