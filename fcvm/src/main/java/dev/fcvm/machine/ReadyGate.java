package dev.fcvm.machine;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.ready.ReadyBarrier;
import dev.fcvm.machine.ready.ReadyCondition;
import dev.fcvm.machine.ready.ReadyOutcome;
import dev.fcvm.machine.ready.ReadySubject;
import dev.fcvm.machine.ready.Signs;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.session.RunListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Waits until a machine in the hands of this process is ready. The one way there is: of a run, a start, a wait, and
 * whatever else begins with a machine that is ready.
 */
final class ReadyGate {

    private final LiveMachine machine;
    private final String name;
    private final ReadyCondition condition;
    private volatile boolean stopped;

    /**
     * @param condition what makes it ready
     */
    ReadyGate(LiveMachine machine, String name, ReadyCondition condition) {
        this.machine = machine;
        this.name = name;
        this.condition = condition;
    }

    /** A live machine as the barrier sees it. */
    private record Subject(LiveMachine machine) implements ReadySubject {

        @Override
        public String container() {
            return machine.spec().id();
        }

        @Override
        public Optional<AgentSession> agent() {
            return machine.agent();
        }

        @Override
        public Signs signs() {
            return machine.signs();
        }

        @Override
        public CompletableFuture<?> ended() {
            return machine.ended();
        }
    }

    /**
     * Waits until it is ready, has ended, or its time is up.
     *
     * @return nothing when it is ready; else why not, without its fate
     */
    Optional<FcvmException> await() throws FcvmException, InterruptedException {
        return switch (outcome()) {
            case ReadyOutcome.Met met -> Optional.empty();
            case ReadyOutcome.Late(String seen) ->
                Optional.of(unready("is not ready after " + words(condition.timeout()) + modeAnd(seen)));
            case ReadyOutcome.Over(String seen) ->
                Optional.of(unready("ended" + withCode() + " before it was ready" + modeAnd(seen)));
        };
    }

    /**
     * Has a start wait, and decides what becomes of a machine that is not ready: one that is removed at its end anyway is
     * stopped, and so is one that somebody has stayed with; any other is left as it is.
     *
     * @param stayed whether whoever started it stays with it
     * @param leaves whether one who waits no more leaves the machine as it is
     * @throws FcvmException when it is not ready
     */
    void pass(boolean stayed, BooleanSupplier leaves) throws FcvmException, InterruptedException {
        Optional<FcvmException> unready;
        try {
            unready = await();
        } catch (InterruptedException givenUp) {
            if (endsWithItsStart(stayed) && !leaves.getAsBoolean()) {
                Uninterrupted.run(this::stop);
            }
            throw givenUp;
        }
        if (unready.isEmpty()) {
            return;
        }
        String what = String.valueOf(unready.get().getMessage());
        if (machine.ended().isDone()) {
            throw unready(what, machine.spec().keep() ? "see: fcvm logs " + name : "");
        }
        if (endsWithItsStart(stayed)) {
            stop();
            throw unready(what, machine.spec().keep() ? "it was stopped; see: fcvm logs " + name : "it was removed");
        }
        throw unready(what, "it goes on: see fcvm logs " + name + ", or remove it with: fcvm rm -f " + name);
    }

    /**
     * Returns the exit code of a container that has failed by itself before it was ready, with a word to its user.
     *
     * @throws FcvmException what {@link #pass} has thrown, in all other cases
     */
    int code(FcvmException unready, CompletableFuture<RunEnd> ended, RunListener listener) throws FcvmException {
        boolean byItself = ended.isDone() && !stopped;
        if (byItself && ended.join() instanceof RunEnd.Exited(int code, boolean _) && code != 0) {
            listener.warn(String.valueOf(unready.getMessage()));
            return code;
        }
        throw unready;
    }

    private boolean endsWithItsStart(boolean stayed) {
        return stayed || !machine.spec().keep();
    }

    private void stop() throws FcvmException, InterruptedException {
        stopped = true;
        if (machine.agent().isPresent()) {
            machine.stop(Optional.empty());
        } else {
            machine.kill();
        }
        Waiting.until(machine.ended());
    }

    private ReadyOutcome outcome() throws FcvmException, InterruptedException {
        try {
            return ReadyBarrier.await(condition, new Subject(machine));
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot look for machine " + name + " to be ready: its log cannot be read: "
                            + IoReason.of(unreadable),
                    unreadable);
        }
    }

    private String withCode() {
        return machine.ended().getNow(new RunEnd.LetGo()) instanceof RunEnd.Exited(int code, boolean _)
                ? " with " + code
                : "";
    }

    private String modeAnd(String seen) {
        return " (mode=" + condition.check().mode() + "): " + seen;
    }

    private FcvmException unready(String how) {
        return new FcvmException(Kind.GUEST, "machine " + name + " " + how);
    }

    private static FcvmException unready(String what, String fate) {
        return new FcvmException(Kind.GUEST, fate.isEmpty() ? what : what + "; " + fate);
    }

    private static String words(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
