package dev.fcvm.agent;

import dev.fcvm.link.message.ExecStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The commands that run beside a machine's containers, as far as one session has heard of them. */
final class ExecSessions {

    private final Map<Integer, ExecSession> all = new ConcurrentHashMap<>();
    private final AtomicInteger last = new AtomicInteger();

    /** Returns a number that no command in the machine has. */
    int next() {
        return last.incrementAndGet();
    }

    /** Returns how many have not ended. */
    int count() {
        return all.size();
    }

    void add(ExecSession exec) {
        all.put(exec.number(), exec);
    }

    /** Takes those of earlier sessions in, and returns them; those that have ended say so at once. */
    List<ExecSession> found(List<ExecStatus> statuses, AgentSession agent) {
        List<ExecSession> found = new ArrayList<>();
        for (ExecStatus status : statuses) {
            var exec = new ExecSession(
                    agent, status.exec(), status.id(), Optional.empty(), Optional.empty(), Optional.empty());
            last.accumulateAndGet(status.exec(), Math::max);
            if (status.code().isPresent()) {
                exec.hasExited(status.code().get(), false);
            } else {
                exec.hasStarted();
                add(exec);
            }
            found.add(exec);
        }
        return found;
    }

    Optional<ExecSession> find(int number) {
        return Optional.ofNullable(all.get(number));
    }

    Optional<ExecSession> remove(int number) {
        return Optional.ofNullable(all.remove(number));
    }

    /** Nobody will hear of them any more in this session. */
    void end(String reason) {
        for (ExecSession exec : all.values()) {
            exec.hasFailed(new ExecFailure("the session with the machine's agent is over: " + reason));
        }
        all.clear();
    }
}
