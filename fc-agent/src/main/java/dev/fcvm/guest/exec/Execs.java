package dev.fcvm.guest.exec;

import dev.fcvm.guest.container.Container;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecFailed;
import dev.fcvm.link.message.TerminalSize;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands that one host has running beside its containers, by the numbers it has given them. */
public final class Execs {

    /** Each may have three streams, of 256. */
    private static final int MOST = 64;

    private final Link link;
    private final GuestFiles files;
    private final Console console;
    private final Map<Integer, RunningExec> running = new HashMap<>();

    public Execs(Link link, GuestFiles files, Console console) {
        this.link = link;
        this.files = files;
        this.console = console;
    }

    /**
     * Starts one. Its outcome is told to the host.
     *
     * @param container where it is to run; null when there is none of that id, or it is to run in the guest itself
     */
    public void start(Exec exec, @Nullable Container container) throws LinkException, InterruptedException {
        var streams = new LinkStream[] {join(exec.stdin()), join(exec.stdout()), join(exec.stderr())};
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
        var thread = new Thread(null, () -> run(exec.exec(), started), "exec", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(int number, RunningExec exec) {
        try {
            exec.run();
        } finally {
            synchronized (this) {
                running.remove(number);
            }
        }
    }

    private synchronized @Nullable String problem(Exec exec, @Nullable Container container) {
        if (running.size() >= MOST) {
            return "there are " + MOST + " commands running in this machine already";
        }
        if (running.containsKey(exec.exec())) {
            return "command " + exec.exec() + " is running already";
        }
        if (exec.command().isEmpty()) {
            return "there is no command to run";
        }
        if (exec.container().isEmpty()) {
            return exec.options().isEmpty() ? null : "a command in the guest itself takes no option";
        }
        return container == null ? "there is no container " + exec.container() + " in this machine" : null;
    }

    private @Nullable LinkStream join(int number) throws LinkException {
        return number == 0 ? null : link.joinStream(number);
    }

    public void signal(int number, int signal) {
        RunningExec exec = find(number);
        if (exec != null) {
            exec.signal(signal);
        }
    }

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
