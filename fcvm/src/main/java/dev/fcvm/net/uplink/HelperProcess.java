package dev.fcvm.net.uplink;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.ProcessEnd;
import dev.fcvm.host.process.ProcessIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process that serves a machine's network, and that nobody but the machine's container would miss: slirp4netns,
 * dnsmasq, vde_plug2tap. It is started, watched, and, when it ends by itself, started anew, up to three times, which is
 * told. It outlives this process; another one {@linkplain #adopt adopts} it by what is written down of it.
 */
public final class HelperProcess implements AutoCloseable {

    private static final int MOST_RESTARTS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMillis(2);

    private final MachineId machine;
    private final String program;
    private final Loss loss;
    private final Start start;
    private final Noted record;
    private final Consumer<String> warnings;

    private @Nullable Running running;
    private int restarts;
    private boolean parted;

    /** Starts the process. On return it works. */
    @FunctionalInterface
    public interface Start {
        /** Starts it. */
        Process start() throws FcvmException, InterruptedException;
    }

    /** Writes down what identifies a process that was just started. */
    @FunctionalInterface
    public interface Noted {
        /** Writes it down. */
        void write(ProcessIdentity process) throws FcvmException;
    }

    /**
     * What is lost with it, in words.
     *
     * @param subject what is gone, such as "the machine's name server"
     * @param forGood what else is, although the process is started anew, such as "; open connections are lost"
     */
    public record Loss(String subject, String forGood) {}

    /**
     * The process as it is now.
     *
     * @param child what tells how it ended, if this process started it
     * @param end what tells that it ended, if another did
     */
    private record Running(
            ProcessIdentity identity, ProcessHandle handle, Optional<Process> child, Optional<ProcessEnd> end) {

        void letGo() {
            end.ifPresent(ProcessEnd::close);
        }
    }

    /**
     * Makes one; nothing runs yet.
     *
     * @param machine the machine it serves, by which it is tagged
     * @param program the name of its file
     * @param start how it is started, and started anew
     * @param record is given what identifies each process, to be written down
     * @param warnings is told in one line when it has ended; on a thread of its own
     */
    public HelperProcess(
            MachineId machine, String program, Loss loss, Start start, Noted record, Consumer<String> warnings) {
        this.machine = machine;
        this.program = program;
        this.loss = loss;
        this.start = start;
        this.record = record;
        this.warnings = warnings;
    }

    /** Starts it. */
    public synchronized void run() throws FcvmException, InterruptedException {
        Process started = start.start();
        boolean known = false;
        try {
            ProcessIdentity identity = ProcessIdentity.of(started.pid());
            record.write(identity);
            watch(new Running(identity, started.toHandle(), Optional.of(started), Optional.empty()));
            known = true;
        } finally {
            if (!known) {
                started.destroyForcibly();
            }
        }
    }

    /**
     * Takes over the one that another process started. One that has ended meanwhile is started anew, as if it had ended
     * now: where that fails it is told, as the machine goes on.
     *
     * @param known what is written down of it; nothing where that was not done any more
     */
    public synchronized void adopt(Optional<ProcessIdentity> known) throws FcvmException, InterruptedException {
        Optional<ProcessHandle> handle =
                known.filter(ProcessIdentity::isAlive).flatMap(identity -> ProcessHandle.of(identity.pid()));
        if (handle.isPresent()) {
            ProcessIdentity identity = known.orElseThrow();
            watch(new Running(identity, handle.get(), Optional.empty(), Optional.of(ProcessEnd.of(identity))));
        } else {
            endStrays();
            warnings.accept("%s was lost: %s ended while nobody supervised the machine; it is started anew%s"
                    .formatted(loss.subject(), program, loss.forGood()));
            try {
                run();
            } catch (FcvmException e) {
                without(e);
            }
        }
    }

    private void without(FcvmException why) {
        warnings.accept("the machine is without %s now: %s".formatted(loss.subject(), why.getMessage()));
    }

    /** One whose starter was killed before it had written down that it runs is in the way of the next. */
    private void endStrays() {
        for (ProcessHandle process : new MachineProcesses(machine).living()) {
            if (process.info()
                    .command()
                    .filter(file -> Path.of(file).endsWith(program))
                    .isPresent()) {
                ProcessIdentity stray;
                try {
                    stray = ProcessIdentity.of(process.pid());
                } catch (FcvmException ended) {
                    continue;
                }
                end(process, stray);
            }
        }
    }

    private void watch(Running now) {
        running = now;
        // To wait for a process that is not a child holds a thread in the kernel.
        (now.end().isPresent() ? Thread.ofPlatform().daemon() : Thread.ofVirtual())
                .name(program + "-exit")
                .start(() -> await(now));
    }

    private void await(Running watched) {
        try {
            String how = ended(watched);
            synchronized (this) {
                if (parted || !watched.equals(running)) {
                    return;
                }
                boolean again = restarts++ < MOST_RESTARTS;
                warnings.accept("%s was lost: %s %s%s"
                        .formatted(loss.subject(), program, how, again ? "; it is started anew" + loss.forGood() : ""));
                if (again) {
                    run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (FcvmException e) {
            without(e);
        }
    }

    private static String ended(Running watched) throws InterruptedException {
        if (watched.child().isPresent()) {
            return "ended with exit code " + watched.child().get().waitFor();
        }
        watched.end().ifPresent(ProcessEnd::await);
        return "ended";
    }

    /** Returns the process that serves the machine now, if one does. */
    public synchronized Optional<ProcessHandle> handle() {
        return Optional.ofNullable(running).map(Running::handle);
    }

    /** Says that its end is no fault from now on. */
    public synchronized void part() {
        parted = true;
    }

    /** Leaves it to itself: it goes on, and nobody watches it. */
    public synchronized void letGo() {
        parted = true;
        Optional.ofNullable(running).ifPresent(Running::letGo);
        running = null;
    }

    /** Ends it; on return it is gone. Idempotent. */
    @Override
    public void close() {
        Running last;
        synchronized (this) {
            parted = true;
            last = running;
            running = null;
        }
        if (last != null) {
            end(last.handle(), last.identity());
            last.letGo();
        }
    }

    /** The kernel tells nobody of the end of a process that is not its child. */
    private static void end(ProcessHandle process, ProcessIdentity identity) {
        if (!identity.isAlive()) {
            return;
        }
        process.destroyForcibly();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (identity.isAlive() && System.nanoTime() < end) {
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }
}
