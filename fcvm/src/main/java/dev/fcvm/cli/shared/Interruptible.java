package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.command.Subscription;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.Interruption;
import dev.fcvm.host.process.LinuxSignal;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;

/** Lets signals end a command in order: what it started ends with it, and nothing half made stays. */
public final class Interruptible {

    private Interruptible() {}

    /** What the command does. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        int run() throws FcvmException, InterruptedException;
    }

    /** Does it, and returns its exit code, or 128+N when signal N ended it. */
    public static int run(CommandContext context, Work work) throws FcvmException, InterruptedException {
        if (!context.signals().available()) {
            return work.run();
        }
        Thread worker = Thread.currentThread();
        AtomicReference<LinuxSignal> ended = new AtomicReference<>();
        try (Subscription _ = context.signals().subscribe(signal -> {
            boolean ends = switch (signal) {
                case INT, TERM, HUP, QUIT -> true;
                case USR1, USR2 -> false;
            };
            if (ends && ended.compareAndSet(null, signal)) {
                worker.interrupt();
            }
        })) {
            return work.run();
        } catch (InterruptedException | FcvmException | UncheckedIOException e) {
            LinuxSignal signal = ended.get();
            if (signal == null || !Interruption.isBehind(e)) {
                throw e;
            }
            return 128 + signal.number();
        }
    }
}
