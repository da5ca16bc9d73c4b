package dev.fcvm.net.uplink;

import dev.fcvm.error.FcvmException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process without which a machine lacks something that nobody but its container would notice. When it ends by itself
 * that is told, and it is started anew, up to three times.
 */
public final class KeptRunning implements AutoCloseable {

    private static final int MOST_RESTARTS = 3;

    private final String program;
    private final String lost;
    private final Start start;
    private final Consumer<String> warnings;

    private @Nullable Process process;
    private int restarts;
    private boolean parted;

    /** Starts the process. On return it works. */
    public interface Start {
        Process start() throws FcvmException, InterruptedException;
    }

    /**
     * @param program what the user knows it by
     * @param lost what is lost with it, such as "the network NAME"
     * @param warnings is told in one line when it has ended; on a thread of its own
     */
    public KeptRunning(String program, String lost, Start start, Consumer<String> warnings) {
        this.program = program;
        this.lost = lost;
        this.start = start;
        this.warnings = warnings;
    }

    /** Starts it. */
    public synchronized void run() throws FcvmException, InterruptedException {
        Process started = start.start();
        process = started;
        Thread.ofVirtual().name(program + "-exit").start(() -> watch(started));
    }

    private void watch(Process started) {
        try {
            int code = started.waitFor();
            synchronized (this) {
                if (parted) {
                    return;
                }
                boolean again = restarts++ < MOST_RESTARTS;
                warnings.accept("%s was lost: %s ended with exit code %d%s"
                        .formatted(lost, program, code, again ? "; it is started anew" : ""));
                if (again) {
                    run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (FcvmException e) {
            warnings.accept("the machine is without %s now: %s".formatted(lost, e.getMessage()));
        }
    }

    /** Says that its end is no fault from now on. */
    public synchronized void part() {
        parted = true;
    }

    /** Ends it. Idempotent. */
    @Override
    public synchronized void close() {
        parted = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
