package dev.fcvm.machine.ready;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ProbeResult;
import dev.fcvm.link.LinkException;
import dev.fcvm.machine.ready.ReadyCondition.Healthcheck;
import dev.fcvm.machine.ready.ReadyCondition.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits until a machine is ready, has ended, or its time is up. One look at a time, each of bounded length; what comes by
 * itself (output, health) is waited for and not looked for.
 */
public final class ReadyBarrier {

    private final ReadyCondition condition;
    private final ReadySubject machine;
    private final long deadline;

    private ReadyBarrier(ReadyCondition condition, ReadySubject machine) {
        this.condition = condition;
        this.machine = machine;
        this.deadline = System.nanoTime() + condition.timeout().toNanos();
    }

    /**
     * Waits, from now on for as long as the condition says.
     *
     * @throws IOException when the container's output cannot be read
     */
    public static ReadyOutcome await(ReadyCondition condition, ReadySubject machine)
            throws IOException, InterruptedException {
        var barrier = new ReadyBarrier(condition, machine);
        return switch (condition.check()) {
            case Log(String pattern) -> barrier.awaitLine(pattern);
            case Healthcheck health -> barrier.awaitHealth();
            default -> barrier.awaitLook();
        };
    }

    private ReadyOutcome awaitLine(String pattern) throws IOException, InterruptedException {
        LogWatch watch = machine.signs().watch(pattern);
        try {
            until(watch.outcome(), left());
            if (watch.outcome().isDone()) {
                Optional<String> never = watch.outcome().join();
                return never.<ReadyOutcome>map(ReadyOutcome.Late::new).orElseGet(ReadyOutcome.Met::new);
            }
            String last = watch.last();
            return unmet(last.isEmpty() ? "it has written no line" : "the last line it wrote is \"" + last + "\"");
        } finally {
            watch.close();
        }
    }

    private ReadyOutcome awaitHealth() throws InterruptedException {
        while (true) {
            CompletableFuture<Void> change = machine.signs().change();
            HealthRecord health = machine.signs().health();
            if (health.status().equals("healthy")) {
                return new ReadyOutcome.Met();
            }
            until(change, left());
            if (!change.isDone()) {
                return unmet(health.words());
            }
        }
    }

    private ReadyOutcome awaitLook() throws InterruptedException {
        Look look = Look.of(condition.check(), machine.container()).orElseThrow();
        String seen = "its agent has not answered";
        while (true) {
            Optional<ProbeResult> result = once(look);
            if (result.isPresent() && result.get().met()) {
                return new ReadyOutcome.Met();
            }
            seen = result.map(ProbeResult::seen).orElse(seen);
            until(new CompletableFuture<>(), least(left(), condition.interval()));
            if (machine.ended().isDone() || left().isZero()) {
                return unmet(seen);
            }
        }
    }

    private Optional<ProbeResult> once(Look look) throws InterruptedException {
        Optional<AgentSession> agent = machine.agent();
        if (agent.isEmpty()) {
            return Optional.empty();
        }
        try {
            CompletableFuture<ProbeResult> answer = look.once(agent.get(), left());
            until(answer, left());
            // What was seen by now counts, whatever else has come.
            Optional<ProbeResult> seen = Optional.ofNullable(answer.getNow(null));
            answer.cancel(false);
            return seen;
        } catch (LinkException | CompletionException gone) {
            Throwable cause = gone.getCause();
            Throwable why = gone instanceof CompletionException && cause != null ? cause : gone;
            return Optional.of(new ProbeResult(false, 0, "its agent cannot be asked: " + why.getMessage()));
        }
    }

    private ReadyOutcome unmet(String seen) {
        return machine.ended().isDone() ? new ReadyOutcome.Over(seen) : new ReadyOutcome.Late(seen);
    }

    /** Waits until something has come, the machine has ended, or this time is up. */
    private void until(CompletableFuture<?> awaited, Duration longest) throws InterruptedException {
        try {
            CompletableFuture.anyOf(awaited, machine.ended()).get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException over) {
            // Who called looks what it is that has come.
            return;
        }
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
