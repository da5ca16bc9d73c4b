package dev.fcvm.machine.ready;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ProbeResult;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.machine.ready.ReadyCondition.Check;
import dev.fcvm.machine.ready.ReadyCondition.Exec;
import dev.fcvm.machine.ready.ReadyCondition.Http;
import dev.fcvm.machine.ready.ReadyCondition.Tcp;
import dev.fcvm.machine.ready.ReadyCondition.Vsock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One look at a container through its agent; the answer says whether what was looked for is there. */
interface Look {

    /** The most characters of what was seen that are told. */
    int LONGEST = 200;

    /** How long one look may take: a server that has not answered by then is asked anew. */
    Duration PATIENCE = Duration.ofSeconds(5);

    /** Begins a look that may take so long. */
    CompletableFuture<ProbeResult> once(AgentSession agent, Duration limit) throws LinkException;

    /** Returns how a check is made; nothing for one that waits for what comes by itself. */
    static Optional<Look> of(Check check, String container) {
        return switch (check) {
            case Tcp(int port) ->
                Optional.of((agent, limit) -> agent.probe(container, ProbeKind.TCP, port, "", shorter(limit)));
            case Http(int port, String path, int lowest, int highest) ->
                Optional.of((agent, limit) -> agent.probe(container, ProbeKind.HTTP, port, path, shorter(limit))
                        .thenApply(answer -> judged(answer, lowest, highest)));
            case Vsock(Optional<String> file) ->
                Optional.of(
                        (agent, limit) -> agent.probe(container, ProbeKind.FILE, 0, file.orElse("/"), shorter(limit)));
            case Exec(String command) -> Optional.of(new ExecLook(container, command));
            case ReadyCondition.Log log -> Optional.empty();
            case ReadyCondition.Healthcheck health -> Optional.empty();
        };
    }

    private static Duration shorter(Duration limit) {
        return limit.compareTo(PATIENCE) < 0 ? limit : PATIENCE;
    }

    private static ProbeResult judged(ProbeResult answer, int lowest, int highest) {
        boolean right = answer.met() && answer.status() >= lowest && answer.status() <= highest;
        return new ProbeResult(right, answer.status(), answer.seen());
    }
}
