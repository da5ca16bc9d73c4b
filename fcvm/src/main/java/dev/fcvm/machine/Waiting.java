package dev.fcvm.machine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Waits for what never fails. */
final class Waiting {

    private Waiting() {}

    static <T> T until(CompletableFuture<T> done) throws InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException defect) {
            throw new CompletionException(defect.getCause());
        }
    }
}
