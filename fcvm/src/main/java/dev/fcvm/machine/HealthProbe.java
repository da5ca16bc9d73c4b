package dev.fcvm.machine;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ProbeResult;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.ready.HealthVerdict;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One check of a container's health that a user wants now. */
final class HealthProbe {

    /** The check has its own limit ({@code --health-timeout}); this is for an agent that does not answer. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private HealthProbe() {}

    static HealthVerdict run(LiveMachine machine, String name) throws FcvmException, InterruptedException {
        AgentSession agent = machine.agent()
                .orElseThrow(() ->
                        new FcvmException(Kind.IN_USE, "machine " + name + " has ended just now; see fcvm ps -a"));
        try {
            ProbeResult result = agent.probe(machine.spec().id(), ProbeKind.HEALTH, 0, "", PATIENCE)
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new HealthVerdict(result.status(), result.seen());
        } catch (LinkException | ExecutionException gone) {
            Throwable cause = gone.getCause();
            Throwable why = gone instanceof ExecutionException && cause != null ? cause : gone;
            throw new FcvmException(
                    Kind.GUEST,
                    "cannot check the health of machine " + name + ": " + why.getMessage()
                            + "; does it still run? fcvm ps",
                    gone);
        } catch (TimeoutException silent) {
            throw new FcvmException(
                    Kind.GUEST,
                    "the check of machine " + name + "'s health did not end within " + PATIENCE.toMinutes() + " min",
                    silent);
        }
    }
}
