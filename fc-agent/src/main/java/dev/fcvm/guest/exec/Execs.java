package dev.fcvm.guest.exec;

import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.ExecStatus;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecExited;
import dev.fcvm.link.message.Message.ExecFailed;
import dev.fcvm.link.message.Message.ExecStarted;
import dev.fcvm.link.message.TerminalSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The commands that run beside the containers, by the numbers that hosts have given them. They outlive the session in which
 * they were started: whichever host is there when one ends is told, and how it ended is kept until a host has that in
 * safety.
 */
public final class Execs {

    /** Each may have three streams, of 256. */
    private static final int MOST = 64;

    /** The oldest end is forgotten where no host asks. */
    private static final int MOST_ENDED = Message.Ready.MOST_EXECS - MOST;

    private final GuestFiles files;
    private final Console console;
    private final Map<Integer, RunningExec> running = new HashMap<>();
    private final Map<Integer, ExecStatus> ended = new LinkedHashMap<>();
    private @Nullable Link host;

    /** What a host is greeted with. Must not wait. */
    public interface Greeting {

        /** Says it, with the commands that there are. */
        void say(List<ExecStatus> execs) throws LinkException, InterruptedException;
    }

    /** There is none yet. */
    public Execs(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
    }

    /** Greets a host, which from then on hears what becomes of the commands: of each end either now or then. */
    public synchronized void greet(Link link, Greeting greeting) throws LinkException, InterruptedException {
        List<ExecStatus> statuses = new ArrayList<>();
        for (RunningExec exec : running.values()) {
            statuses.add(new ExecStatus(exec.number(), exec.id(), Optional.empty()));
        }
        statuses.addAll(ended.values());
        greeting.say(statuses);
        host = link;
    }

    /**
     * Starts one. Its outcome is told to the host.
     *
     * @param link of the host that wants it
     * @param container where it is to run; null when there is none of that id, or it is to run in the guest itself
     */
    public void start(Link link, Exec exec, @Nullable Container container) throws LinkException, InterruptedException {
        var streams = new LinkStream[] {join(link, exec.stdin()), join(link, exec.stdout()), join(link, exec.stderr())};
        String problem = problem(exec, container);
        if (problem != null) {
            RunningExec.reset(streams);
            link.send(new ExecFailed(exec.exec(), Console.oneLine(problem)));
            return;
        }
        var started = new RunningExec(exec, container, streams, link, files, console);
        synchronized (this) {
            running.put(exec.exec(), started);
        }
        var thread = new Thread(null, () -> run(started), "exec", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(RunningExec exec) {
        Message.FromGuest outcome = exec.run(() -> tell(host(), new ExecStarted(exec.number())));
        Link told;
        synchronized (this) {
            running.remove(exec.number());
            if (outcome instanceof ExecExited exited && !exec.id().isEmpty()) {
                keep(new ExecStatus(exec.number(), exec.id(), Optional.of(exited.code())));
            }
            told = host;
        }
        tell(told, outcome);
    }

    private void keep(ExecStatus end) {
        ended.put(end.exec(), end);
        if (ended.size() > MOST_ENDED) {
            ended.remove(ended.keySet().iterator().next());
        }
    }

    /** A host has in safety how it ended. */
    public synchronized void kept(int number) {
        ended.remove(number);
    }

    private synchronized @Nullable Link host() {
        return host;
    }

    private void tell(@Nullable Link link, Message.FromGuest message) {
        if (link == null) {
            return;
        }
        try {
            link.send(message);
        } catch (LinkException e) {
            console.log("what became of a command finds no host yet: " + Console.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable String problem(Exec exec, @Nullable Container container) {
        if (running.size() >= MOST) {
            return "there are " + MOST + " commands running in this machine already";
        }
        if (running.containsKey(exec.exec()) || ended.containsKey(exec.exec())) {
            return "there is a command " + exec.exec() + " already";
        }
        if (exec.command().isEmpty()) {
            return "there is no command to run";
        }
        if (exec.container().isEmpty()) {
            return exec.options().isEmpty() ? null : "a command in the guest itself takes no option";
        }
        return container == null ? "there is no container " + exec.container() + " in this machine" : null;
    }

    private static @Nullable LinkStream join(Link link, int number) throws LinkException {
        return number == 0 ? null : link.joinStream(number);
    }

    /** Sends one a signal, if it runs. */
    public void signal(int number, int signal) {
        RunningExec exec = find(number);
        if (exec != null) {
            exec.signal(signal);
        }
    }

    /** Tells one of its terminal's new size, if it runs. */
    public void resize(int number, TerminalSize size) {
        RunningExec exec = find(number);
        if (exec != null) {
            exec.resize(size);
        }
    }

    private synchronized @Nullable RunningExec find(int number) {
        return running.get(number);
    }
}
