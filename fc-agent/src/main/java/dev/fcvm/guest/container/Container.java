package dev.fcvm.guest.container;

import dev.fcvm.guest.output.OutputReader;
import dev.fcvm.guest.output.OutputStore;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.InputFeed;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message.Attach;
import dev.fcvm.link.message.Message.Attached;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A container that was started in this boot of the machine: its Podman, what it writes, and how it ended. It belongs to
 * the guest: hosts come and go.
 */
public final class Container {

    /**
     * How long a pipe may be silent after Podman has ended before it is taken for drained. Podman ends after its
     * container, and the pipe then holds all the container wrote; only a process that escaped the container (with the
     * guest's process namespace, say) can keep the pipe from ending.
     */
    private static final long SILENCE_MILLIS = 1000;

    private static final int SIGKILL = 9;

    private volatile String id;
    private volatile boolean keptByNow;
    private final String name;
    private final Child podman;
    private final boolean interactive;
    private final GuestFiles files;
    private final Console console;
    private final OutputStore stdout;
    private final OutputStore stderr;
    private final OutputReader stdoutReader;
    private final OutputReader stderrReader;
    private final Signals signals;
    private final HealthChecks health;
    private @Nullable InputFeed feed;
    private boolean over;
    private volatile @Nullable ExitRecord exit;

    /**
     * What is known of it from the start.
     *
     * @param id what hosts call the container
     * @param name what Podman calls it
     * @param interactive whether it has a standard input
     * @param outputLimit the most that is kept of each output while no host takes it, in bytes
     */
    public record Launch(String id, String name, boolean interactive, long outputLimit) {}

    private Container(
            Launch launch,
            List<String> options,
            Child podman,
            GuestFiles files,
            Console console,
            HealthChecks.Listener listener) {
        this.id = launch.id();
        this.name = launch.name();
        this.podman = podman;
        this.interactive = launch.interactive();
        this.files = files;
        this.console = console;
        this.stdout = store("stdout", launch.outputLimit());
        this.stderr = store("stderr", launch.outputLimit());
        this.stdoutReader = OutputReader.start("stdout", podman.output(), stdout, podman::widenOutput);
        // conmon writes the file when the runtime has made the container.
        this.stderrReader = OutputReader.start(
                "stderr",
                podman.hasTerminal() ? podman.error() : new EarlyErrors(podman.error(), this::mayFail),
                stderr,
                () -> {});
        this.signals = new Signals(files, podman, console);
        this.health = new HealthChecks(files, this::id, name, options, podman, console, listener);
    }

    /** Whether it is still open if there will be a container. */
    private boolean mayFail() {
        try {
            return podman.isAlive() && !FirstProcess.isMade(files);
        } catch (IOException e) {
            return false; // what is said is told as it is
        }
    }

    private OutputStore store(String stream, long limit) {
        return new OutputStore(files.outputs().resolve(id + "." + stream), limit, console::log);
    }

    /**
     * Returns that of a Podman which has been started.
     *
     * @param options arguments of its {@code podman run}
     * @param listener is told what checks of its health find
     */
    public static Container of(
            Child podman,
            Launch launch,
            List<String> options,
            GuestFiles files,
            Console console,
            HealthChecks.Listener listener) {
        return new Container(launch, options, podman, files, console, listener);
    }

    public String id() {
        return id;
    }

    /** The machine it is in is another one from now on. */
    public void renew(String newId, boolean kept) {
        id = newId;
        keptByNow = kept;
    }

    /** What Podman calls it. */
    public String name() {
        return name;
    }

    public Child podman() {
        return podman;
    }

    public HealthChecks health() {
        return health;
    }

    public Signals signals() {
        return signals;
    }

    /** Returns what a host that comes now is to know. */
    public ContainerStatus status() {
        return new ContainerStatus(
                id, stdout.from(), stdout.to(), stderr.from(), stderr.to(), Optional.ofNullable(exit));
    }

    /** Joins a host's streams, and returns what it is to be told. */
    public Attached attach(Link link, Attach attach) throws LinkException {
        if (attach.stdin() != 0) {
            feed(link.joinStream(attach.stdin()));
        }
        return new Attached(
                id,
                join(link, stdout, attach.stdout(), attach.stdoutFrom(), "stdout-sender"),
                join(link, stderr, attach.stderr(), attach.stderrFrom(), "stderr-sender"));
    }

    private static long join(Link link, OutputStore store, int number, long from, String name) throws LinkException {
        return number == 0 ? from : store.attach(link, link.joinStream(number), from, name);
    }

    private synchronized void feed(LinkStream stream) {
        if (!interactive || over) {
            // What nobody will read need not be sent.
            stream.reset();
            return;
        }
        if (feed != null) {
            feed.stop();
        }
        feed = InputFeed.start(stream, podman.input(), podman.hasTerminal(), () -> {});
    }

    public void kept(long before, long beforeOfErrors) {
        stdout.kept(before);
        stderr.kept(beforeOfErrors);
    }

    public void resize(TerminalSize size) {
        try {
            podman.resize(size);
        } catch (IOException e) {
            console.log("the terminal's size cannot be set: " + Console.reason(e));
        }
    }

    /** Sends a signal, and SIGKILL when the container still runs after the grace. */
    public void stop(int number, long graceMillis) {
        signals.send(number);
        var killer = new Thread(null, () -> killAfter(graceMillis), "stop", 0, false);
        killer.setDaemon(true);
        killer.start();
    }

    private void killAfter(long graceMillis) {
        try {
            if (!podman.awaitEnd(graceMillis)) {
                signals.send(SIGKILL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until it has ended and all its output is here.
     *
     * @param whole whether Podman's cleaning up is to be waited for as well
     * @return how it ended: with the container's exit code, or Podman's when no container has run
     */
    public ExitRecord await(boolean whole) throws InterruptedException {
        // What a terminal shows goes through Podman: it must not be ended before.
        OptionalInt word = whole || podman.hasTerminal()
                ? OptionalInt.empty()
                : new ContainerExit(files.exits(), console).await(podman.process());
        // A machine that is one of its own by now may be kept although the one it was made of is not.
        if (word.isPresent() && !keptByNow) {
            // Both hold the container's pipes, which end with their last holder. Not Process.destroyForcibly(): that
            // would close our ends, and throw away what is in them.
            podman.process().toHandle().destroyForcibly();
            new ConmonSession(files).kill();
        }
        int podmans = podman.await();
        int code = word.orElse(podmans);
        endInput();
        stdoutReader.awaitEnd(SILENCE_MILLIS);
        stderrReader.awaitEnd(SILENCE_MILLIS);
        console.log("podman ended with " + code);
        return new ExitRecord(
                code,
                OutOfMemory.hasStruck(files.groups()),
                stdout.to(),
                stderr.to(),
                Math.max(0, System.currentTimeMillis()));
    }

    private synchronized void endInput() {
        over = true;
        if (feed != null) {
            feed.stop();
        }
    }

    public void hasExited(ExitRecord record) {
        exit = record;
    }
}
