package dev.fcvm.machine.session;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what an agent owes an answer to. */
public final class Answers {

    private Answers() {}

    /**
     * Waits for it.
     *
     * @param what the agent was asked for, behind "did not"
     * @return what is wrong, or an empty text
     */
    public static String await(CompletableFuture<String> answer, Duration atMost, String what)
            throws FcvmException, InterruptedException {
        try {
            return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new FcvmException(
                    Kind.GUEST,
                    "the agent in the machine did not " + what + " within " + atMost.toSeconds() + " s",
                    late);
        } catch (ExecutionException defect) {
            throw new CompletionException(defect.getCause());
        }
    }
}
