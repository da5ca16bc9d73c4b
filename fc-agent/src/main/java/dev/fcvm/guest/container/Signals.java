package dev.fcvm.guest.container;

import dev.fcvm.guest.system.Child;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Sends signals to the container's first process: what {@code podman run} does with those it gets, except that none is
 * lost.
 *
 * <p>Podman dies of a signal that comes before it has set itself up, and one that comes between the container's creation
 * and its start would be ignored by the kernel (the first process of a namespace has no default actions). So signals are
 * held until the first process runs the container's own program, and are then sent to it directly.
 */
public final class Signals implements Runnable {

    private static final int MAX_SIGNAL = 64;

    /** As many as anyone can press before the container runs. */
    private static final int MAX_HELD = 64;

    private final GuestFiles files;
    private final Child podman;
    private final Console console;
    private final Queue<Integer> held = new ArrayDeque<>();
    private boolean working;

    Signals(GuestFiles files, Child podman, Console console) {
        this.files = files;
        this.podman = podman;
        this.console = console;
    }

    /** Sends a signal, by its Linux number, as soon as there is somebody to get it. Does not block. */
    public synchronized void send(int number) {
        if (number < 1 || number > MAX_SIGNAL || held.size() == MAX_HELD) {
            console.log("signal " + number + " refused");
            return;
        }
        held.add(number);
        if (!working) {
            working = true;
            var thread = new Thread(this, "signals");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public void run() {
        try {
            String first = new FirstProcess(files, podman).await();
            for (Integer number = next(); number != null; number = next()) {
                if (!first.isEmpty()) {
                    kill(number, first);
                }
            }
        } catch (IOException e) {
            console.log("cannot send a signal: " + Console.reason(e));
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @org.jspecify.annotations.Nullable Integer next() {
        Integer number = held.poll();
        working = number != null;
        return number;
    }

    private synchronized void stop() {
        held.clear();
        working = false;
    }

    private void kill(int number, String pid) throws IOException, InterruptedException {
        if (podman.isAlive()) {
            boolean sent = kill(files, number, pid);
            console.log("signal " + number + (sent ? " sent" : " came too late"));
        }
    }

    /** Sends a process a signal at once; returns whether there was one to get it. */
    public static boolean kill(GuestFiles files, int number, String pid) throws IOException, InterruptedException {
        var kill = new ProcessBuilder(files.busybox(), "kill", "-" + number, pid);
        kill.redirectInput(Child.nothing());
        kill.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
        return kill.start().waitFor() == 0;
    }
}
