package dev.fcvm.image.bounds;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Uninterrupted;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Work on the calling thread that another thread watches, and ends by an interrupt when it must not go on. */
public final class Watched {

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private Watched() {}

    /** The work. */
    @FunctionalInterface
    public interface Job {
        /** Works to its end, or until it is interrupted. */
        void run() throws FcvmException, IOException, InterruptedException;
    }

    /** Looks at the work, ten times a second. */
    @FunctionalInterface
    public interface Judge {
        /** Returns why the work must not go on, or nothing. A look that fails means nothing: the next comes soon. */
        Optional<FcvmException> look() throws FcvmException, IOException, InterruptedException;
    }

    /**
     * Works.
     *
     * @throws FcvmException the judge's, when it has ended the work; else as the work does
     */
    public static void run(Judge judge, Job job) throws FcvmException, IOException, InterruptedException {
        var verdict = new AtomicReference<@Nullable FcvmException>();
        Thread working = Thread.currentThread();
        Thread watching = Thread.ofVirtual().name("image-watch").start(() -> watch(judge, verdict, working));
        try {
            try {
                job.run();
            } finally {
                watching.interrupt();
                Uninterrupted.join(watching);
            }
        } catch (InterruptedException | FcvmException | IOException | RuntimeException failure) {
            FcvmException ended = verdict.get();
            if (ended == null) {
                throw failure;
            }
            if (!(failure instanceof InterruptedException)) {
                ended.addSuppressed(failure); // it failed because it was ended
            }
        }
        FcvmException ended = verdict.get();
        if (ended != null) {
            Thread.interrupted(); // it was the watch's, if the work was done before it was noticed
            throw ended;
        }
    }

    private static void watch(Judge judge, AtomicReference<@Nullable FcvmException> verdict, Thread working) {
        try {
            while (verdict.get() == null) {
                Thread.sleep(INTERVAL);
                look(judge).ifPresent(verdict::set);
            }
            working.interrupt();
        } catch (InterruptedException e) {
            return; // the work is done
        }
    }

    private static Optional<FcvmException> look(Judge judge) throws InterruptedException {
        try {
            return judge.look();
        } catch (FcvmException | IOException e) {
            return Optional.empty(); // the next look comes soon
        }
    }
}
