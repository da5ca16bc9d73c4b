package dev.fcvm.machine.session;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.link.LinkException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Has a guest write to its disks what its programs have written. */
public final class GuestSync {

    /** As much as its memory holds, on a slow disk. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private GuestSync() {}

    /**
     * Returns when it has.
     *
     * @throws FcvmException when it cannot
     */
    public static void run(AgentSession agent) throws FcvmException, InterruptedException {
        try {
            var sync = new ExecRequest(
                    "", "", List.of(), List.of("sync"), List.of(), Optional.empty(), false, false, false);
            int code = agent.exec(sync).exit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (code != 0) {
                throw failed("sync ended with " + code);
            }
        } catch (LinkException | ExecutionException | TimeoutException failure) {
            FcvmException told = failed(String.valueOf(failure.getMessage()));
            told.initCause(failure);
            throw told;
        }
    }

    private static FcvmException failed(String why) {
        return new FcvmException(Kind.GUEST, "the guest does not write its disks: " + why);
    }
}
