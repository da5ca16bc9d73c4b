package dev.fcvm.machine.event;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.FileChanges;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Shows events that have happened, and those that happen. */
public final class EventFollower {

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final EventLog log;
    private final EventFilter filter;
    private final Clock clock;

    /**
     * @param filter which are shown
     * @param clock by which the filter's end comes
     */
    public EventFollower(EventLog log, EventFilter filter, Clock clock) {
        this.log = log;
        this.filter = filter;
        this.clock = clock;
    }

    /**
     * Shows events, oldest first.
     *
     * @param more whether to wait for those that have not happened yet, to the filter's end if it has one
     */
    public void follow(boolean more, Consumer<MachineEvent> shown) throws FcvmException, InterruptedException {
        try (FileChanges changes = FileChanges.of(log.directory());
                EventReader reader = EventReader.open(log)) {
            show(reader, shown);
            while (more && !isOver()) {
                changes.await(left());
                show(reader, shown);
            }
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot read the journal of events in " + log.directory() + ": " + IoReason.of(failure),
                    failure);
        }
    }

    private void show(EventReader reader, Consumer<MachineEvent> shown) throws IOException {
        reader.next().stream().filter(filter::matches).forEach(shown);
    }

    private boolean isOver() {
        return filter.until().filter(end -> !clock.instant().isBefore(end)).isPresent();
    }

    private Duration left() {
        Optional<Duration> end = filter.until().map(until -> Duration.between(clock.instant(), until));
        return end.filter(left -> left.compareTo(LOOK) < 0)
                .map(left -> left.isNegative() ? Duration.ZERO : left)
                .orElse(LOOK);
    }
}
