package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.LastWords;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.vmm.confine.Jail;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;

/**
 * The process of a monitor with what belongs to it: its output, its console log, the files that go when it ends. What
 * all monitors have alike.
 */
public final class Monitor implements AutoCloseable {

    private static final Path ROOT = Path.of("/");
    private static final Path CONSOLE_LOG = Path.of("console.log");
    /** A killed process ends at once, unless the kernel is stuck in a disk's driver. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    /** After the process has ended its pipes and sockets hold what it said last, and then end. */
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

    private static final int CONSOLE_LINES = 5;
    /** The exit code of a process that a signal ended is this much more than the signal's number. */
    private static final int SIGNALLED = 128;
    /** The exit code of a process that SIGKILL ended. */
    private static final int KILLED = SIGNALLED + 9;

    private final String name;
    private final MachineProcesses processes;
    private final Jail jail;
    private final Process process;
    private final ConsoleLog console;
    private final LastWords words = new LastWords();
    private final List<Path> files;
    private final AtomicBoolean killed = new AtomicBoolean();
    private final AtomicBoolean switchedOff = new AtomicBoolean();
    private final AtomicBoolean watched = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Optional<VmExit> exit = Optional.empty();

    private Monitor(
            String name, MachineProcesses processes, Jail jail, Process process, ConsoleLog console, List<Path> files) {
        this.name = name;
        this.processes = processes;
        this.jail = jail;
        this.process = process;
        this.console = console;
        this.files = files;
    }

    /**
     * Where the guest's serial console comes out.
     *
     * @see ConsoleLog#drain
     */
    public enum Console {
        /** On the monitor's standard output. */
        STANDARD_OUTPUT,
        /** Elsewhere: the monitor's driver drains it into {@link #console()}. */
        ELSEWHERE
    }

    /**
     * Starts a monitor's process.
     *
     * @param name what the user knows it by
     * @param jail what it is shut into; closed with the monitor, and when it cannot be started
     * @param arguments the monitor's, with the names files have in the jail
     * @param files what is deleted after the end, and when it cannot be started
     */
    public static Monitor start(
            String name, VmSpec spec, Jail jail, List<String> arguments, Console where, List<Path> files)
            throws FcvmException {
        try (Pending jailed = new Pending(() -> release(files, jail))) {
            ConsoleLog console = ConsoleLog.create(spec.directory().resolve(CONSOLE_LOG));
            try (Pending logged = new Pending(console::close)) {
                MachineProcesses processes = new MachineProcesses(spec.id());
                List<String> command = jail.command(arguments);
                Process process = processes.start(
                        jail.namespaces(), ROOT, Path.of(command.getFirst()), command.subList(1, command.size()));
                Monitor monitor = new Monitor(name, processes, jail, process, console, List.copyOf(files));
                monitor.words.drain(process.getErrorStream());
                InputStream output = process.getInputStream();
                switch (where) {
                    case STANDARD_OUTPUT -> console.drain(Channels.newChannel(output));
                    case ELSEWHERE -> new LastWords().drain(output);
                }
                logged.handOver();
                jailed.handOver();
                return monitor;
            }
        }
    }

    /**
     * Begins to watch for the end, which {@link #awaitExit} then tells. To be called once, when the machine runs.
     *
     * @param verdict tells from the exit code of a monitor that nobody killed how the machine ended; called after all
     *     the output of the monitor has been read
     */
    public void watch(IntFunction<VmExit> verdict) {
        watched.set(true);
        Thread.ofVirtual().name("monitor-exit").start(() -> {
            try {
                int code = process.waitFor();
                drained();
                exit = Optional.of(verdict(code, verdict));
            } catch (InterruptedException e) {
                exit = Optional.of(new VmExit.MonitorFailed(1, "watching it was interrupted"));
            } finally {
                ended.countDown();
            }
        });
    }

    private VmExit verdict(int code, IntFunction<VmExit> verdict) {
        if (code == KILLED && switchedOff.get()) {
            return new VmExit.PoweredOff();
        }
        return code == KILLED && killed.get() ? new VmExit.Killed() : verdict.apply(code);
    }

    /** Ends a monitor that stays when its guest switches the machine off, as soon as the guest's kernel says it does. */
    public void endWhenGuestHalts() {
        console.onHalt(() -> {
            switchedOff.set(true);
            processes.killAll();
        });
    }

    /** Returns the monitor's process id, as the host sees it. */
    public long pid() {
        // What was started waits outside the PID namespace for the one process that is the monitor.
        return process.descendants().mapToLong(ProcessHandle::pid).max().orElse(process.pid());
    }

    /** Returns the directory of the monitor's own sockets, as the host reaches it while the process runs. */
    public Path sockets() {
        return jail.sockets(process.pid());
    }

    /** Tells whether the process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the console's log. */
    public ConsoleLog console() {
        return console;
    }

    /** Returns the last line the monitor wrote to standard error, or an empty text. */
    public String lastWords() {
        return words.line();
    }

    /** Returns how a machine ended whose guest made its monitor end by a reset: a panicking kernel does that, too. */
    public VmExit resetOrPanic() {
        return console.endsInPanic() ? new VmExit.Panicked() : new VmExit.Reset();
    }

    /** Waits for the end that {@link #watch} sees; empty when it has not come by then. */
    public Optional<VmExit> awaitExit(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS) ? exit : Optional.empty();
    }

    /**
     * Explains to the user why a machine could not be booted, after the monitor was asked something in vain. Kills it
     * if it still runs; it is still to be closed.
     *
     * @param trouble what the driver met
     */
    public FcvmException bootFailure(Exception trouble) throws InterruptedException {
        // Its sockets close a moment before the process is gone; what counts is whether it ends by itself.
        boolean died = process.waitFor(DRAIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        String said = "";
        if (died) {
            drained();
            said = words.line();
        }
        if (end()) {
            throw new InterruptedException();
        }
        String failure = "%s could not boot the machine: %s"
                .formatted(
                        name,
                        died
                                ? "%s ended with exit code %d%s"
                                        .formatted(
                                                jail.program(), process.exitValue(), said.isEmpty() ? "" : ": " + said)
                                : trouble.getMessage());
        String message = jail.explain(said).orElse(failure);
        String tail = console.tail(CONSOLE_LINES);
        return new FcvmException(
                Kind.VMM, tail.isEmpty() ? message : message + "\nthe console's last lines:\n" + tail, trouble);
    }

    /** Kills the process if it still runs, waits for its end, and deletes its files. Idempotent. */
    @Override
    public void close() throws FcvmException {
        // An interruption may be why it is closed; it must keep nothing from being taken back.
        boolean interrupted = Thread.interrupted();
        try (console) {
            interrupted |= end();
            release(files, jail);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Kills the process if it still runs, and waits for its end; returns whether the thread was interrupted meanwhile. */
    private boolean end() {
        if (process.isAlive()) {
            killed.set(true);
            processes.killAll();
        }
        return awaitUninterruptibly();
    }

    /** Waits for the process's end and the verdict on it; returns whether the thread was interrupted meanwhile. */
    private boolean awaitUninterruptibly() {
        boolean interrupted = false;
        long end = System.nanoTime() + KILL_PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            try {
                if (process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    drained();
                    if (watched.get()) {
                        ended.await(); // the verdict may read what is closed and deleted next
                    }
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    private void drained() throws InterruptedException {
        if (!killed.get() && !process.isAlive() && process.exitValue() >= SIGNALLED) {
            processes.killAll(); // whoever killed it may have left what it waited for, which holds its pipes open
        }
        words.awaitEnd(DRAIN_PATIENCE);
        console.awaitEnd(DRAIN_PATIENCE);
    }

    private static void release(List<Path> files, Jail jail) throws FcvmException {
        try (jail) {
            for (Path file : files) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new FcvmException(
                            Kind.HOST, "cannot delete the socket %s: %s".formatted(file, IoReason.of(e)), e);
                }
            }
        }
    }
}
