package dev.fcvm.link;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Work on threads of its own. */
final class Tasks {

    interface Action {
        void run() throws Exception;
    }

    private Tasks() {}

    static FutureTask<Void> start(Action action) {
        return startCall(() -> {
            action.run();
            return null;
        });
    }

    static <T extends @org.jspecify.annotations.Nullable Object> FutureTask<T> startCall(Callable<T> call) {
        var task = new FutureTask<>(call);
        Thread.startVirtualThread(task);
        return task;
    }
}
