package dev.fcvm.machine.session;

import dev.fcvm.host.process.LinuxSignal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** What happens to a machine, and what it owes in the meantime: that one of its deadlines has passed is an event, too. */
final class Deadlines {

    private final BlockingQueue<RunEvent> events;
    private final Duration patience;
    private final Audience audience;
    private final Unanswered unanswered;

    /** When a container that was told to end is not waited for any more, by {@link System#nanoTime}. */
    private Optional<Long> stop = Optional.empty();

    /**
     * @param patience how late an answer may be
     */
    Deadlines(BlockingQueue<RunEvent> events, Duration patience, Audience audience) {
        this.events = events;
        this.patience = patience;
        this.audience = audience;
        this.unanswered = new Unanswered(patience, System::nanoTime);
    }

    /** A signal was passed on: the agent is to say that it has it. */
    void signalled(LinuxSignal signal) {
        unanswered.sent(signal);
    }

    /** The agent has said so. */
    void answered(int signal) {
        unanswered.answered(signal);
    }

    /** The container was told to end within this time. */
    void stopping(Duration grace) {
        stop = Optional.of(System.nanoTime() + grace.plus(patience).toNanos());
    }

    /** Waits for the next thing that happens, one that fails to happen included. */
    RunEvent next() throws InterruptedException {
        while (true) {
            Optional<LinuxSignal> overdue = unanswered.overdue();
            if (overdue.isPresent()) {
                return new RunEvent.Unanswered(overdue.get());
            }
            Optional<Duration> left = left();
            RunEvent event =
                    left.isEmpty() ? events.take() : events.poll(left.get().toNanos(), TimeUnit.NANOSECONDS);
            if (event != null) {
                return event;
            }
            if (stop.filter(deadline -> System.nanoTime() >= deadline).isPresent()) {
                audience.warn("the agent in the machine did not end the container in time: the machine is ended");
                return new RunEvent.Kill();
            }
        }
    }

    private Optional<Duration> left() {
        Optional<Duration> end = stop.map(deadline -> Duration.ofNanos(deadline - System.nanoTime()));
        Optional<Duration> answer = unanswered.left();
        if (end.isPresent() && answer.isPresent()) {
            return end.get().compareTo(answer.get()) < 0 ? end : answer;
        }
        return end.or(() -> answer);
    }
}
