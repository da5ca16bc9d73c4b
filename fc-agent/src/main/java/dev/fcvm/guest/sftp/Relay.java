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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
    private final FirstLooks looks;
    private int unansweredBytes;
    private @Nullable Server server;
    private @Nullable OutputStream client;
    private @Nullable Packet greeting;
    private boolean greeted;
    private boolean over;
    private boolean sending;

    /**
     * @param name of its threads
     * @param log is told, in one line each, what went wrong
     */
    public Relay(String name, Consumer<String> log) {
        this(name, log, System::nanoTime);
    }

    Relay(String name, Consumer<String> log, LongSupplier clock) {
        this.name = name;
        this.log = log;
        this.looks = new FirstLooks(clock);
    }

    /** Begins to carry what a client says; to be called once. */
    public void client(InputStream requests, OutputStream answers) {
        synchronized (this) {
            client = answers;
        }
        thread("requests", () -> take(requests));
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
                Optional<Packet> known = add(request);
                if (known.isPresent()) {
                    answer(known.get());
                } else {
                    send();
                }
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

    /** Takes a request, and returns the answer where that is known. */
    private synchronized Optional<Packet> add(Packet asked) throws InterruptedException {
        Packet request = looks.taken(asked);
        if (request.type() == Packet.INIT) {
            greeting = request;
        } else {
            Optional<Packet> known = looks.answer(request);
            if (known.isPresent()) {
                return known;
            }
            while (unansweredBytes >= MOST_BYTES || unanswered.size() >= MOST_REQUESTS) {
                wait();
            }
            boolean waits = looks.waits(request, unanswered.values());
            unanswered.put(request.id(), request);
            unansweredBytes += request.bytes().length;
            if (waits) {
                return Optional.empty();
            }
        }
        unsent.add(request);
        return Optional.empty();
    }

    /**
     * Sends what is to be sent, unless another thread is at it, which then sees to this as well. Without the lock: a server
     * that does not read must not hold up its own answers. The thread that has read a request sends it, since to wake
     * another one for each takes longer than to send it.
     */
    private void send() {
        Optional<Sending> next = next(false);
        while (next.isPresent()) {
            send(next.get().request(), next.get().to());
            next = next(true);
        }
    }

    /** A request on its way to a server. */
    private record Sending(Packet request, Server to) {}

    /**
     * Takes the next one to be sent.
     *
     * @param mine whether the caller is the thread that sends
     */
    private synchronized Optional<Sending> next(boolean mine) {
        if (sending && !mine) {
            return Optional.empty();
        }
        Server to = server;
        if (over || to == null || unsent.isEmpty()) {
            sending = false;
            return Optional.empty();
        }
        sending = true;
        return Optional.of(new Sending(unsent.remove(), to));
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
            List<Packet> failed = recover(next);
            thread("sender", this::send);
            for (Packet one : failed) {
                deliver(Packet.failure(one.id()));
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
        looks.forget();
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
        FirstLooks.Seen seen = answered(answer);
        answer(seen.answer());
        for (Packet known : seen.known()) {
            answer(known);
        }
        if (!seen.open().isEmpty()) {
            // Not in this thread: see send().
            thread("sender", this::send);
        }
    }

    private synchronized FirstLooks.Seen answered(Packet answer) throws IOException {
        if (answer.type() == Packet.VERSION) {
            greeted = true;
            return new FirstLooks.Seen(answer, List.of(), List.of());
        }
        Packet request = taken(answer.id());
        handles.answered(request, answer);
        FirstLooks.Seen seen = looks.answered(request, answer);
        for (Packet known : seen.known()) {
            taken(known.id());
        }
        unsent.addAll(seen.open());
        notifyAll();
        return seen;
    }

    /** Takes the request of this number off the list. */
    private synchronized Packet taken(int id) throws IOException {
        Packet request = unanswered.remove(id);
        if (request == null) {
            throw new IOException("an answer that nobody asked for");
        }
        unansweredBytes -= request.bytes().length;
        return request;
    }

    /** Each packet is one write, so that those of two threads do not mix. */
    private void answer(Packet answer) throws IOException {
        OutputStream to;
        synchronized (this) {
            to = client;
        }
        if (to != null) {
            to.write(answer.bytes());
            to.flush();
        }
    }
}
