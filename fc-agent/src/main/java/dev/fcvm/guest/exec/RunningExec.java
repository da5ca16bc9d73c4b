package dev.fcvm.guest.exec;

import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.container.FirstProcess;
import dev.fcvm.guest.container.OutOfMemory;
import dev.fcvm.guest.container.PodmanCommand;
import dev.fcvm.guest.container.Signals;
import dev.fcvm.guest.runtime.RuntimeExec;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.InputFeed;
import dev.fcvm.guest.system.Pump;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecExited;
import dev.fcvm.link.message.Message.ExecFailed;
import dev.fcvm.link.message.Message.ExecStarted;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One command beside a container; a thread's work. The end of its host's session ends its input, not the command. */
public final class RunningExec {

    private static final int SIGHUP = 1;

    /** For a thread to pass on what it has. */
    private static final long MOMENT_MILLIS = 100;

    private static final long POLL_MILLIS = 2;

    /** As a container's: only a process that stays behind can keep a pipe from ending. */
    private static final long SILENCE_MILLIS = 1000;

    private final Exec exec;
    private final @Nullable Container container;
    private final @Nullable LinkStream stdin;
    private final @Nullable LinkStream stdout;
    private final @Nullable LinkStream stderr;
    private final Link link;
    private final GuestFiles files;
    private final Console console;
    private TerminalSize size;
    private @Nullable Child child;

    /** Whether the child is the container's runtime, in the place of Podman. */
    private boolean direct;

    /** The exit code of whoever waits for the command and was ended; the command goes on. */
    private volatile @Nullable Integer left;

    RunningExec(
            Exec exec,
            @Nullable Container container,
            @Nullable LinkStream[] streams,
            Link link,
            GuestFiles files,
            Console console) {
        this.exec = exec;
        this.container = container;
        this.stdin = streams[0];
        this.stdout = streams[1];
        this.stderr = streams[2];
        this.link = link;
        this.files = files;
        this.console = console;
        this.size = exec.terminal().orElse(new TerminalSize(0, 0));
    }

    static void reset(@Nullable LinkStream... streams) {
        for (LinkStream stream : streams) {
            if (stream != null) {
                stream.reset();
            }
        }
    }

    void run() {
        try {
            tell(outcome());
        } catch (AgentException | IOException e) {
            reset(stdin, stdout, stderr);
            tell(new ExecFailed(exec.exec(), Console.oneLine(Console.reason(e))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Message.FromGuest outcome() throws AgentException, IOException, InterruptedException {
        if (container != null
                && new FirstProcess(files, container.podman()).await().isEmpty()) {
            throw new AgentException("the container does not run any more");
        }
        long kills = OutOfMemory.kills(files.groups());
        Child running = start();
        tell(new ExecStarted(exec.exec()));
        // It may have been told while there was no terminal yet.
        resize(size());
        if (stdin != null) {
            feed(running, stdin);
        }
        Pump out = pump("exec-stdout", running, stdout);
        Pump err = running.hasTerminal() ? null : pump("exec-stderr", running, stderr);
        int code = running.await();
        Integer ended = left;
        reset(stdin);
        // Of a command that is left, only what is here already.
        long silence = ended == null ? SILENCE_MILLIS : MOMENT_MILLIS;
        finish(out, stdout, silence);
        finish(err, stderr, silence);
        return new ExecExited(exec.exec(), ended == null ? code : ended, OutOfMemory.kills(files.groups()) > kills);
    }

    private Child start() throws AgentException, IOException, InterruptedException {
        Child running = container == null || exec.terminal().isPresent() ? null : startWithoutPodman(container);
        boolean withoutPodman = running != null;
        if (running == null) {
            running = Child.start(command(), exec.terminal(), stdin != null);
        }
        synchronized (this) {
            child = running;
            direct = withoutPodman;
        }
        return running;
    }

    /** Asks the container's runtime; null where only Podman can, or where Podman is to say in its words why it cannot be. */
    private @Nullable Child startWithoutPodman(Container beside)
            throws AgentException, IOException, InterruptedException {
        RuntimeExec asked = prepared(beside);
        if (asked == null) {
            return null;
        }
        try (asked) {
            Child running = Child.start(asked.line(), Optional.empty(), stdin != null);
            boolean over = false;
            while (!asked.hasStarted()) {
                if (over) {
                    running.discard();
                    return null;
                }
                over = running.awaitEnd(POLL_MILLIS);
            }
            return running;
        }
    }

    private @Nullable RuntimeExec prepared(Container beside) throws AgentException {
        for (String variable : exec.environment()) {
            PodmanCommand.checked(variable);
        }
        try {
            return prepared(
                    files, beside.name(), new RuntimeExec.Wish(exec.options(), exec.command(), exec.environment()));
        } catch (IOException e) {
            console.log("a command is left to Podman: " + Console.reason(e));
            return null;
        }
    }

    private static @Nullable RuntimeExec prepared(GuestFiles files, String container, RuntimeExec.Wish wish)
            throws IOException {
        if (!Files.exists(files.conmonPid())) {
            return null;
        }
        Path conmon =
                files.processes().resolve(Files.readString(files.conmonPid()).strip());
        return RuntimeExec.prepare(
                conmon.resolve("cmdline"),
                container,
                files.state().resolve("exec-" + Thread.currentThread().threadId()),
                wish);
    }

    /** Goes the way to a command in a container, up to its start: what is saved then, and goes on elsewhere, knows it. */
    public static void rehearse(GuestFiles files, String container) throws IOException {
        try (RuntimeExec asked =
                prepared(files, container, new RuntimeExec.Wish(List.of(), List.of("true"), List.of("NAME=value")))) {
            if (asked != null) {
                asked.hasStarted();
            }
        }
    }

    private List<String> command() throws AgentException {
        if (container != null) {
            return PodmanCommand.exec(
                    files.podman(),
                    container.name(),
                    exec.options(),
                    exec.environment(),
                    stdin != null,
                    exec.terminal().isPresent(),
                    exec.command());
        }
        // env(1) and the shell say what is wrong, and with which code, as they do everywhere.
        List<String> line = new ArrayList<>();
        line.add("/usr/bin/env");
        for (String variable : exec.environment()) {
            line.add(PodmanCommand.checked(variable));
        }
        line.addAll(List.of("/bin/sh", "-c", "exec \"$@\"", "sh"));
        line.addAll(exec.command());
        return line;
    }

    private void feed(Child running, LinkStream from) {
        if (running.hasTerminal()) {
            InputFeed.start(from, running.input(), true, () -> hangUp(running));
        } else {
            Pump.start("exec-stdin", from.input(), running.input(), () -> false);
        }
    }

    /** What closes a terminal window tells the program in it; the terminal itself has no end. */
    private void hangUp(Child running) {
        if (running.isAlive() && link.ended()) {
            kill(running, SIGHUP);
        }
    }

    private @Nullable Pump pump(String name, Child running, @Nullable LinkStream to) {
        var from = name.equals("exec-stdout") ? running.output() : running.error();
        // What a host does not want is dropped; what it wants no more fails, as on a broken pipe.
        return to == null
                ? Pump.start(name, from, OutputStream.nullOutputStream(), () -> true)
                : Pump.start(name, from, to.output(), () -> link.ended() || left != null);
    }

    private static void finish(@Nullable Pump pump, @Nullable LinkStream stream, long silence)
            throws InterruptedException {
        if (pump != null) {
            pump.awaitEnd(silence);
        }
        if (stream != null) {
            try {
                stream.output().close();
            } catch (IOException e) {
                // Already closed or reset: the stream has ended, which is all that was wanted.
                stream.reset();
            }
        }
    }

    void signal(int number) {
        Child running;
        boolean runtime;
        synchronized (this) {
            running = child;
            runtime = direct;
        }
        if (running == null || !running.isAlive()) {
            return;
        }
        if (runtime) {
            leave(running, number);
        } else {
            kill(running, number);
        }
    }

    /** The runtime would pass a signal on; Podman, who waits in other cases, ends by some, and by others does nothing. */
    private void leave(Child running, int number) {
        Integer code = PodmanCommand.codeOfEnded(number);
        if (code != null) {
            left = code;
            // Not Process.destroyForcibly(): that would close our ends of the pipes.
            running.process().toHandle().destroyForcibly();
        }
    }

    private void kill(Child running, int number) {
        try {
            Signals.kill(files, number, Long.toString(running.process().pid()));
        } catch (IOException e) {
            console.log("cannot send a signal to a command: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void resize(TerminalSize fresh) {
        Child running;
        synchronized (this) {
            size = fresh;
            running = child;
        }
        try {
            if (running != null) {
                running.resize(fresh);
            }
        } catch (IOException e) {
            console.log("the terminal's size cannot be set: " + Console.reason(e));
        }
    }

    private synchronized TerminalSize size() {
        return size;
    }

    private void tell(Message.FromGuest message) {
        try {
            link.send(message);
        } catch (LinkException e) {
            console.log("the outcome of a command finds no host: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
