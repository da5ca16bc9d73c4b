package dev.fcvm.guest.sftp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries the requests of one SFTP client to whichever server there is, and the answers back. A server may vanish with its
 * process at any moment, and another come later: the client waits meanwhile, as for a slow disk. At the new server the
 * client's files are opened again under the handles it has; a request that was not answered is sent again where twice is
 * the same as once, and fails with an I/O error where it is not.
 */
public final class Relay {

    /** What is kept of requests without an answer. A client that wants more waits. */
    private static final int MOST_BYTES = 1 << 20;

    private static final int MOST_REQUESTS = 512;
    private static final int STACK_SIZE = 128 * 1024;
    private static final int EXCLUSIVE = 32;

    private static final List<String> ONCE = List.of("posix-rename@openssh.com", "hardlink@openssh.com");

    /** The way to a server. */
    public interface Server {
        /** Returns its answers. */
        InputStream input();

        /** Returns where requests go. */
        OutputStream output();

        /** Ends it: whoever reads or writes there gets an error. Idempotent. */
        void reset();
    }

    private final String name;
    private final Consumer<String> log;
    /** By their numbers, in the order in which they came. */
    private final Map<Integer, Packet> unanswered = new LinkedHashMap<>();
    /** Those that the server has not been sent yet. */
    private final Deque<Packet> unsent = new ArrayDeque<>();

    private final OpenHandles handles = new OpenHandles();
    private int unansweredBytes;
    private @Nullable Server server;
    private @Nullable OutputStream client;
    private @Nullable Packet greeting;
    private boolean greeted;
    private boolean over;

    /**
     * @param name of its threads
     * @param log is told, in one line each, what went wrong
     */
    public Relay(String name, Consumer<String> log) {
        this.name = name;
        this.log = log;
    }

    /** Begins to carry what a client says; to be called once. */
    public void client(InputStream requests, OutputStream answers) {
        synchronized (this) {
            client = answers;
        }
        thread("requests", () -> take(requests));
        thread("sender", this::send);
    }

    /** Goes on with this server, instead of the one before. Never blocks. */
    public void server(Server next) {
        thread("answers", () -> serve(next));
    }

    private void thread(String what, Runnable work) {
        var thread = new Thread(null, work, name + " " + what, STACK_SIZE, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void take(InputStream requests) {
        try {
            Packet request = Packet.read(requests);
            while (request != null) {
                add(request);
                request = Packet.read(requests);
            }
        } catch (IOException e) {
            log.accept(name + ": its client failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    private synchronized void end() {
        over = true;
        if (server != null) {
            server.reset();
        }
        notifyAll();
    }

    private synchronized void add(Packet request) throws InterruptedException {
        if (request.type() == Packet.INIT) {
            greeting = request;
        } else {
            while (unansweredBytes >= MOST_BYTES || unanswered.size() >= MOST_REQUESTS) {
                wait();
            }
            unanswered.put(request.id(), request);
            unansweredBytes += request.bytes().length;
        }
        unsent.add(request);
        notifyAll();
    }

    /** In a thread of its own, and without the lock: a server that does not read must not hold up its own answers. */
    private void send() {
        try {
            while (true) {
                Server to;
                Packet next;
                synchronized (this) {
                    while (!over && (server == null || unsent.isEmpty())) {
                        wait();
                    }
                    if (over || server == null) {
                        return;
                    }
                    to = server;
                    next = unsent.remove();
                }
                send(next, to);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a server did not get any more is in the list of those without an answer, for the next one. */
    private void send(Packet request, Server to) {
        try {
            to.output().write(request.bytes());
        } catch (IOException gone) {
            forget(to);
        }
    }

    @SuppressWarnings("ReferenceEquality") // This very one.
    private synchronized void forget(Server gone) {
        if (server == gone) {
            server = null;
        }
    }

    private void serve(Server next) {
        try {
            for (Packet failed : recover(next)) {
                deliver(Packet.failure(failed.id()));
            }
            Packet answer = Packet.read(next.input());
            while (answer != null) {
                deliver(answer);
                answer = Packet.read(next.input());
            }
        } catch (IOException gone) {
            log.accept(name + ": its server has gone: " + gone.getMessage());
        }
        forget(next);
        next.reset();
    }

    /**
     * Opens again what is open; nothing else is under way at this server yet, so its answers are those to what is asked here.
     *
     * @return the requests that nobody can know the outcome of
     */
    private synchronized List<Packet> recover(Server next) throws IOException {
        if (over) {
            throw new IOException("there is no client any more");
        }
        if (server != null) {
            server.reset();
            server = null;
        }
        for (Packet request : handles.reopening()) {
            next.output().write(request.bytes());
            Packet answer = Packet.read(next.input());
            if (answer == null) {
                throw new IOException("it ended at once");
            }
            if (answer.type() != Packet.HANDLE) {
                handles.lost(request);
                log.accept(name + ": a file that was open is not there any more");
            }
        }
        List<Packet> failed = new ArrayList<>();
        List<Packet> never = List.copyOf(unsent);
        unsent.clear();
        if (greeting != null && !greeted) {
            unsent.add(greeting);
        }
        for (Packet request : unanswered.values()) {
            if (isOnce(request) && !never.contains(request)) {
                failed.add(request);
            } else {
                unsent.add(request);
            }
        }
        server = next;
        notifyAll();
        return failed;
    }

    /** Returns whether to do it twice is not the same as to do it once. */
    private boolean isOnce(Packet request) {
        return switch (request.type()) {
            case Packet.REMOVE, Packet.MKDIR, Packet.RMDIR, Packet.RENAME, Packet.SYMLINK -> true;
            case Packet.OPEN -> (request.numberBehindFirst() & EXCLUSIVE) != 0;
            case Packet.WRITE -> handles.appends(request.first());
            case Packet.EXTENDED -> ONCE.contains(new String(request.first(), StandardCharsets.US_ASCII));
            default -> false;
        };
    }

    private void deliver(Packet answer) throws IOException {
        OutputStream to;
        synchronized (this) {
            if (answer.type() == Packet.VERSION) {
                greeted = true;
            } else {
                Packet request = unanswered.remove(answer.id());
                if (request == null) {
                    throw new IOException("an answer that nobody asked for");
                }
                unansweredBytes -= request.bytes().length;
                handles.answered(request, answer);
                notifyAll();
            }
            to = client;
        }
        if (to != null) {
            to.write(answer.bytes());
            to.flush();
        }
    }
}
