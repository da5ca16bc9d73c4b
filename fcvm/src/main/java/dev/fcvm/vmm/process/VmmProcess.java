package dev.fcvm.vmm.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Pending;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.kept.KeptFiles;
import dev.fcvm.host.kept.KeptProcess;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.ProcessEnd;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.process.Tool;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.confine.Cgroups;
import dev.fcvm.vmm.confine.ConfinementResources;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.MonitorProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * The process of a monitor with what belongs to it: its console, its last words, its exit code. What all monitors have
 * alike. It outlives the process that started it, and can be taken over by another.
 */
public final class VmmProcess implements AutoCloseable {

    /** A killed process ends at once, unless the kernel is stuck in a disk's driver. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    /** After the process has ended its pipes hold what it said last, and then end. */
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

    /** How often the console is looked at for the kernel's last words, when nothing is known of an end. */
    private static final Duration SELDOM = Duration.ofMillis(250);
    /** The same when the guest has been asked to switch itself off. */
    private static final Duration OFTEN = Duration.ofMillis(5);

    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int CONSOLE_LINES = 5;
    /** The exit code of a process that a signal ended is this much more than the signal's number. */
    private static final int SIGNALLED = 128;
    /** The exit code of a process that SIGKILL ended. */
    private static final int KILLED = SIGNALLED + 9;

    private final VmHandle handle;
    private final MachineProcesses processes;
    private final KeptProcess kept;
    private final SerialConsole console;
    private final Journal journal;
    private final AtomicBoolean killed = new AtomicBoolean();
    private final AtomicBoolean switchedOff = new AtomicBoolean();
    private final AtomicBoolean letGo = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Semaphore endExpected = new Semaphore(0);
    private volatile Optional<ProcessEnd> watched = Optional.empty();
    private volatile Optional<VmExit> exit = Optional.empty();

    private VmmProcess(VmHandle handle, Journal journal) {
        Path directory = Path.of(handle.directory());
        this.handle = handle;
        this.processes = new MachineProcesses(new MachineId(handle.machine()));
        this.console = SerialConsole.in(directory);
        this.kept = new KeptProcess(files(directory, console), handle.keeper(), handle.warden());
        this.journal = journal;
    }

    private static KeptFiles files(Path machine, SerialConsole console) {
        return new KeptFiles(Jail.directory(machine), console.file(), SerialConsole.LIMIT);
    }

    /**
     * Starts a monitor's process.
     *
     * @param name what the user knows it by
     * @param jail what it is shut into
     * @param journal the machine's; what the jail has on the host is released when this fails
     * @param arguments the monitor's, with the names files have in the jail
     * @param plan whether the guest gets the plan from it
     */
    public static VmmProcess start(
            String name, VmSpec spec, Jail jail, Journal journal, List<String> arguments, boolean plan)
            throws FcvmException, InterruptedException {
        try (Pending jailed = new Pending(() -> journal.releaseAll(ConfinementResources::isOne));
                Cgroups cgroups = jail.limit(journal)) {
            Tool.named("unshare", "util-linux").require();
            List<String> words = Stream.concat(jail.namespaces().prefix().stream(), jail.command(arguments).stream())
                    .toList();
            journal.acquire(new MonitorProcesses(spec.id()));
            KeptProcess kept = KeptProcess.start(
                    new MachineProcesses(spec.id()).tag(),
                    files(spec.directory(), SerialConsole.in(spec.directory())),
                    cgroups.entry(),
                    words);
            jailed.handOver();
            return new VmmProcess(
                    new VmHandle(
                            VmHandle.VERSION,
                            name,
                            spec.id().value(),
                            spec.directory().toString(),
                            kept.keeper(),
                            kept.process(),
                            jail.sockets().toString(),
                            plan,
                            spec.memoryMib()),
                    journal);
        }
    }

    /** Takes over one that another process has started; it may have ended. */
    public static VmmProcess attach(VmHandle handle, Journal journal) {
        return new VmmProcess(handle, journal);
    }

    /**
     * Begins to watch for the end, which {@link #awaitExit} then tells. To be called once, when the machine runs.
     *
     * @param verdict tells from the exit code of a monitor that nobody killed how the machine ended; called after all
     *     the output of the monitor is in its files
     */
    public void watch(IntFunction<VmExit> verdict) throws FcvmException {
        ProcessEnd end = kept.end();
        watched = Optional.of(end);
        Thread.ofPlatform().daemon().name("vmm-exit").start(() -> {
            try {
                if (end.await()) {
                    drained();
                    exit = Optional.of(verdict(kept.exitCode(), verdict));
                }
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

    /**
     * Ends a monitor that stays when its guest switches the machine off, once the guest's kernel says it does. The console
     * is a file, which tells nobody that it has grown: it is looked at.
     */
    public void endWhenGuestHalts() {
        Thread.ofVirtual().name("guest-halts").start(() -> {
            Object seen = List.of();
            Duration interval = SELDOM;
            try {
                while (ended.getCount() > 0 && !letGo.get()) {
                    Object now = console.mark();
                    if (!now.equals(seen) && console.saysHalted()) {
                        switchedOff.set(true);
                        processes.killAll();
                        return;
                    }
                    seen = now;
                    if (endExpected.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                        interval = OFTEN;
                    }
                }
            } catch (InterruptedException never) {
                // Nobody interrupts this thread; if somebody did, the machine would end by being closed.
                endExpected.drainPermits();
            }
        });
    }

    /** Says that the guest has been asked to switch itself off. */
    public void expectEnd() {
        endExpected.release();
    }

    /** Returns what another process needs to take the machine over. */
    public VmHandle handle() {
        return handle;
    }

    /** Returns the monitor's process id, as the host sees it. */
    public long pid() {
        // What was started waits outside the PID namespace for the one process that is the monitor.
        long warden = handle.warden().pid();
        return ProcessIdentity.children(warden).stream().findFirst().orElse(warden);
    }

    /** Returns the directory of the monitor's own sockets, as the host reaches it while the process runs. */
    public Path sockets() {
        return handle.seenSockets();
    }

    /** Tells whether the process runs. */
    public boolean isAlive() {
        return kept.isAlive();
    }

    /** Returns the console's log. */
    public SerialConsole console() {
        return console;
    }

    /** Returns the last line the monitor wrote to standard error, or an empty text. */
    public String lastWords() {
        return kept.files().lastWords();
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
     * @param jail what it was started in
     * @param trouble what the driver met
     */
    public FcvmException bootFailure(Jail jail, Exception trouble) throws InterruptedException {
        // Its sockets close a moment before the process is gone; what counts is whether it ends by itself.
        boolean died = awaitEnd(DRAIN_PATIENCE);
        String said = "";
        if (died) {
            drained();
            said = lastWords();
        } else {
            killed.set(true);
            processes.killAll();
        }
        String failure = "%s could not boot the machine: %s"
                .formatted(
                        handle.vmm(),
                        died
                                ? "%s ended with exit code %d%s"
                                        .formatted(jail.program(), kept.exitCode(), said.isEmpty() ? "" : ": " + said)
                                : trouble.getMessage());
        String message = jail.explain(said).orElse(failure);
        String tail = console.tail(CONSOLE_LINES);
        return new FcvmException(
                Kind.VMM, tail.isEmpty() ? message : message + "\nthe console's last lines:\n" + tail, trouble);
    }

    /** Lets the process go on without this object, which does nothing any more. Idempotent. */
    public void letGo() {
        letGo.set(true);
        watched.ifPresent(ProcessEnd::close);
    }

    /** Kills the process if it still runs, waits for its end, and releases what it has on the host. Idempotent. */
    @Override
    public void close() throws FcvmException {
        if (letGo.get()) {
            return;
        }
        try {
            Uninterrupted.run(this::end);
        } finally {
            journal.releaseAll(ConfinementResources::isOne);
        }
    }

    private void end() throws FcvmException, InterruptedException {
        MonitorProcesses all = new MonitorProcesses(processes.machine());
        if (isAlive()) {
            killed.set(true);
            journal.release(all);
        } else {
            drained();
            journal.strike(all);
        }
        if (watched.isPresent()) {
            // The verdict may read what is deleted next.
            var _ = ended.await(KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Nobody is told of the end of a process that is not its child, but by {@link #watch}. */
    private boolean awaitEnd(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (isAlive() && System.nanoTime() < end) {
            Thread.sleep(PAUSE);
        }
        return !isAlive();
    }

    /** Has all the output of a process that has ended in its files. */
    private void drained() throws InterruptedException {
        long end = System.nanoTime() + DRAIN_PATIENCE.toNanos();
        while (kept.files().exitCode().isEmpty() && kept.keeper().isAlive() && System.nanoTime() < end) {
            Thread.sleep(PAUSE);
        }
        OptionalInt code = kept.files().exitCode();
        boolean bySignal = code.isEmpty() || code.getAsInt() >= SIGNALLED;
        if (!killed.get() && (bySignal || !kept.awaitFiles(DRAIN_PATIENCE))) {
            processes.killAll(); // whoever killed it may have left what it waited for, which holds its pipes open
        }
        var _ = kept.awaitFiles(DRAIN_PATIENCE);
    }
}
