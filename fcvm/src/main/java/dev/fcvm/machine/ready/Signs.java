package dev.fcvm.machine.ready;

import dev.fcvm.machine.log.OutputLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a machine shows of itself by which it can be told whether it is ready: its container's output and its health. */
public final class Signs {

    private final List<LogWatch> waiting = new ArrayList<>();
    private Optional<OutputLog> log = Optional.empty();
    private HealthRecord health = HealthRecord.NONE;
    private CompletableFuture<Void> change = new CompletableFuture<>();

    /** What the container writes from now on, and has written since it was started, can be seen. */
    public synchronized void opened(OutputLog opened) throws IOException {
        log = Optional.of(opened);
        for (LogWatch watch : waiting) {
            opened.watch(watch);
        }
        waiting.clear();
    }

    /** Its health is this from now on. */
    public void found(HealthRecord record) {
        CompletableFuture<Void> told;
        synchronized (this) {
            health = record;
            told = change;
            change = new CompletableFuture<>();
        }
        told.complete(null);
    }

    /** Returns its health. */
    public synchronized HealthRecord health() {
        return health;
    }

    /** Completes when its health has been checked again. */
    synchronized CompletableFuture<Void> change() {
        return change;
    }

    /** Looks for a pattern in what the container has written since it was started, and writes. */
    synchronized LogWatch watch(String pattern) throws IOException {
        var watch = new LogWatch(pattern);
        if (log.isPresent()) {
            log.get().watch(watch);
        } else {
            waiting.add(watch);
        }
        return watch;
    }
}
