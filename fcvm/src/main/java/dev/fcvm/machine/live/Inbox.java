package dev.fcvm.machine.live;

import dev.fcvm.machine.session.RunEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** What happens to a machine and what is wanted of it, until the one thread that decides about it has read it. */
final class Inbox {

    private BlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();

    /** Tells it what somebody wants of the machine. */
    synchronized void tell(RunEvent event) {
        events.add(event);
    }

    /** Returns where the machine's monitor and agent tell what happens, and where all of it is read. */
    synchronized BlockingQueue<RunEvent> queue() {
        return events;
    }

    /** What a monitor that was given up still has to say is nobody's business; what users want of the machine stays. */
    synchronized void beginAnew() {
        List<RunEvent> before = new ArrayList<>();
        events.drainTo(before);
        events = new LinkedBlockingQueue<>();
        for (RunEvent event : before) {
            if (!(event instanceof RunEvent.FromAgent) && !(event instanceof RunEvent.MachineEnded)) {
                events.add(event);
            }
        }
    }
}
