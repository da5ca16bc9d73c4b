package dev.fcvm.machine.session;

import dev.fcvm.host.process.LinuxSignal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The signals that the agent has not said it has. What the container makes of a signal is the container's affair, and may
 * take as long as it likes; but an agent that does not even say that a signal has arrived is hung, and the user who sent
 * one of those that end a program must not wait for it.
 */
final class Unanswered {

    private static final Set<LinuxSignal> ENDING =
            EnumSet.of(LinuxSignal.INT, LinuxSignal.TERM, LinuxSignal.HUP, LinuxSignal.QUIT);

    private final long patience;
    private final LongSupplier nanoTime;
    private final Queue<Sent> sent = new ArrayDeque<>();

    private record Sent(LinuxSignal signal, long deadline) {}

    Unanswered(Duration patience, LongSupplier nanoTime) {
        this.patience = patience.toNanos();
        this.nanoTime = nanoTime;
    }

    /** One was sent. */
    void sent(LinuxSignal signal) {
        if (ENDING.contains(signal)) {
            sent.add(new Sent(signal, nanoTime.getAsLong() + patience));
        }
    }

    /** The agent says it has one, by its Linux number. It answers in the order they were sent. */
    void answered(int number) {
        if (!sent.isEmpty() && sent.element().signal().number() == number) {
            sent.remove();
        }
    }

    /** Returns the signal that should have been answered by now. */
    Optional<LinuxSignal> overdue() {
        return left().filter(left -> !left.isPositive())
                .map(none -> sent.element().signal());
    }

    /** Returns how long the oldest may still take; nothing when all are answered. */
    Optional<Duration> left() {
        return Optional.ofNullable(sent.peek())
                .map(oldest -> Duration.ofNanos(oldest.deadline() - nanoTime.getAsLong()));
    }
}
