package dev.fcvm.agent;

import dev.fcvm.agent.Questions.Wish;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The host's end of a session with the agent of one machine. What the agent says is handed to a listener; what is told
 * to it is queued, so that an agent that does not listen never holds the caller up. Containers, what they have written
 * and how they ended belong to the guest: closing ends the session, and the next one finds them again. All methods may be
 * called from any thread.
 */
public final class AgentSession implements AutoCloseable {

    /** More unsent messages than this, and the agent does not listen: no container needs so many signals at once. */
    private static final int MOST_UNSENT = 64;

    /** What an agent says by itself is a handful; more than this, and it wants to keep us busy. */
    private static final int MOST_UNASKED = 1000;

    /** Besides, what checks of a container's health find; there are two in a second at most. */
    private static final int MOST_IN_A_SECOND = 4;

    private final Link link;
    private final Consumer<AgentEvent> listener;
    private final BlockingQueue<Message.FromHost> unsent = new ArrayBlockingQueue<>(MOST_UNSENT);
    /** The newest of each container that has not been sent; one of each is in the queue to say when it is its turn. */
    private final Map<String, Message.Kept> unsentKept = new ConcurrentHashMap<>();

    private final ExecSessions execs = new ExecSessions();
    private final Questions questions = new Questions();
    private final AtomicLong told = new AtomicLong();
    private final long opened = System.nanoTime();
    private final Thread receiver;
    private final Thread sender;
    private volatile boolean gone;

    private AgentSession(Link link, Consumer<AgentEvent> listener) {
        this.link = link;
        this.listener = listener;
        this.receiver = Thread.ofVirtual().name("agent-receiver").unstarted(this::receive);
        this.sender = Thread.ofVirtual().name("agent-sender").unstarted(this::send);
    }

    /**
     * Begins to listen.
     *
     * @param link the session; owned by what is returned from now on
     * @param listener is called on a thread of the session, one event after the other, and must not block; a {@link
     *     AgentEvent.Gone} is the last
     */
    public static AgentSession open(Link link, Consumer<AgentEvent> listener) {
        var session = new AgentSession(link, listener);
        session.receiver.start();
        session.sender.start();
        return session;
    }

    /** Has a container started. Returns false when the agent does not listen; so do the other calls. */
    public boolean start(ContainerStart start) {
        for (SecretFile secret : start.secrets()) {
            var message = new Message.Secret(
                    start.container(),
                    secret.number(),
                    secret.uid(),
                    secret.gid(),
                    secret.mode(),
                    Base64.getEncoder().encodeToString(secret.content()));
            if (!tell(message)) {
                return false;
            }
        }
        return tell(new Message.Start(
                start.container(),
                start.plan(),
                start.environment(),
                start.again(),
                start.terminal(),
                start.outputLimit()));
    }

    /**
     * Joins streams with a container's, instead of those joined before; what is not asked for is left as it is. May be
     * called right after {@link #start}: the guest keeps what is written before. {@link AgentEvent.Attached} says with
     * which bytes the outputs begin, {@link AgentEvent.Failed} that there is no such container.
     *
     * @param stdoutFrom the number of the first byte of standard output to send, counted from the container's first
     * @param stderrFrom the same of standard error
     * @throws LinkException when the session is over, or the agent does not listen
     */
    public ContainerStreams attach(
            String container, boolean input, boolean output, boolean error, long stdoutFrom, long stderrFrom)
            throws LinkException {
        var streams = new ContainerStreams(stream(input), stream(output), stream(error));
        boolean queued = tell(new Message.Attach(
                container,
                number(streams.input()),
                number(streams.output()),
                number(streams.error()),
                stdoutFrom,
                stderrFrom));
        if (!queued) {
            throw new LinkException("the agent in the machine does not listen");
        }
        return streams;
    }

    /**
     * Tells that all bytes before these numbers are safe here: the guest need not keep them. A container whose output is
     * attached is held up when more than a mebibyte of it has not been told of.
     */
    public boolean kept(String container, long stdout, long stderr) {
        var newest = new Message.Kept(container, stdout, stderr);
        if (unsentKept.put(container, newest) != null || tell(newest)) {
            return true;
        }
        unsentKept.remove(container);
        return false;
    }

    /** Has the container's first process sent a signal, by its Linux number, as soon as it runs. */
    public boolean signal(String container, int number) {
        return tell(new Message.Signal(container, number));
    }

    /** Tells of the new size of a container's terminal. */
    public boolean resize(String container, TerminalSize size) {
        return tell(new Message.Resize(container, size));
    }

    /** Has the container's first process sent this signal, and SIGKILL when it still runs after the grace. */
    public boolean stop(String container, int number, Duration grace) {
        return tell(new Message.Stop(container, number, Math.max(0, grace.toMillis())));
    }

    /** Returns how many commands run beside the container. */
    public int commands() {
        return execs.count();
    }

    /**
     * Has one more command run.
     *
     * @throws LinkException when the session is over, or the agent does not listen
     */
    public ExecSession exec(ExecRequest request) throws LinkException {
        var exec = new ExecSession(
                this,
                execs.next(),
                request.id(),
                stream(request.input()),
                stream(request.output()),
                stream(request.error()));
        execs.add(exec);
        boolean queued = tell(new Message.Exec(
                exec.number(),
                request.id(),
                request.container(),
                request.options(),
                request.command(),
                request.environment(),
                request.terminal(),
                number(exec.stdin()),
                number(exec.stdout()),
                number(exec.stderr())));
        if (!queued || gone) {
            execs.remove(exec.number());
            throw new LinkException(
                    gone ? "the session with the machine's agent is over" : "the agent in the machine does not listen");
        }
        return exec;
    }

    /**
     * Opens a stream over which a directory is served to the guest by SFTP, instead of any that was opened for the same
     * mapping before.
     *
     * @param mapping its number in the machine's plan
     * @throws LinkException when the session is over, or the agent does not listen
     */
    public LinkStream share(int mapping) throws LinkException {
        LinkStream stream = link.openStream();
        if (!tell(new Message.Share(mapping, stream.number()))) {
            throw new LinkException("the agent in the machine does not listen");
        }
        return stream;
    }

    /**
     * Has the container's processes stand still, until {@link #release} or {@link #renew}, in this session or another.
     *
     * @return completes with what is wrong, in one line; with nothing when they do
     */
    public CompletableFuture<String> hold(String container) {
        return asked(Wish.HOLD, container, new Message.Hold(container));
    }

    /**
     * Has the container see what is served as this mapping ({@link #share}). One at a time.
     *
     * @param inside the one file of it that is meant; empty for all of it
     * @return completes with what is wrong, in one line; with nothing when it is there
     */
    public CompletableFuture<String> mount(
            String container, int mapping, String target, String disk, String inside, boolean readOnly) {
        return asked(Wish.MOUNT, container, new Message.Mount(container, mapping, target, disk, inside, readOnly));
    }

    /** Has it taken away from the container; as {@link #mount}. */
    public CompletableFuture<String> unmount(String container, int mapping, String target) {
        return asked(Wish.MOUNT, container, new Message.Unmount(container, mapping, target));
    }

    /** Has them go on. */
    public boolean release(String container) {
        return tell(new Message.Release(container));
    }

    /**
     * Tells a machine that was restored who it is from now on; what was held goes on then.
     *
     * @param container what its container is called from now on
     * @param plan the plan's JSON
     * @param session 32 hexadecimal digits that nobody else was ever given
     * @param entropy for its kernel's random numbers
     * @param now the time
     * @return completes with what is wrong, in one line; with nothing when it is that machine
     */
    public CompletableFuture<String> renew(String container, String plan, String session, byte[] entropy, Instant now) {
        return asked(
                Wish.RENEW,
                container,
                new Message.Renew(container, plan, session, HexFormat.of().formatHex(entropy), now.toEpochMilli()));
    }

    private CompletableFuture<String> asked(Wish wish, String container, Message.FromHost message) {
        CompletableFuture<String> answer = questions.ask(wish, container);
        if (!tell(message) || gone) {
            answer.complete("the agent in the machine does not listen");
        }
        return answer;
    }

    /**
     * Has the agent look once at a container.
     *
     * @param port to look at; 0 for what has none
     * @param path of a web server, or of a file; else empty
     * @param limit how long it may take
     * @return completes with what was seen; fails when the session ends before
     * @throws LinkException when the session is over, or the agent does not listen
     */
    public CompletableFuture<ProbeResult> probe(String container, ProbeKind kind, int port, String path, Duration limit)
            throws LinkException {
        int number = questions.nextProbe();
        CompletableFuture<ProbeResult> result = questions.probe(number);
        int millis = (int) Math.clamp(limit.toMillis(), 1, Duration.ofHours(1).toMillis());
        if (!tell(new Message.Probe(number, container, kind, port, path, millis)) || gone) {
            questions.forgetProbe(number);
            throw new LinkException(
                    gone ? "the session with the machine's agent is over" : "the agent in the machine does not listen");
        }
        return result;
    }

    /** Has the machine write its disks back when they are kept, and end. */
    public boolean shutdown(boolean keep) {
        return tell(new Message.Shutdown(keep));
    }

    private Optional<LinkStream> stream(boolean wanted) throws LinkException {
        return wanted ? Optional.of(link.openStream()) : Optional.empty();
    }

    private static int number(Optional<LinkStream> stream) {
        return stream.map(LinkStream::number).orElse(0);
    }

    /**
     * Queues a message for the agent. Never blocks.
     *
     * @return false when so many wait already that the agent cannot be listening; the message is then dropped
     */
    boolean tell(Message.FromHost message) {
        told.incrementAndGet();
        return unsent.offer(message);
    }

    private void receive() {
        try {
            for (long received = 1; ; received++) {
                Message message = link.receive();
                if (received > MOST_UNASKED + 2 * told.get() + MOST_IN_A_SECOND * secondsOpen()) {
                    throw new LinkException("it sends messages without end");
                }
                if (!(message instanceof Message.FromGuest fromGuest)) {
                    throw new LinkException("the guest sent a message only a host may send");
                }
                hear(fromGuest);
            }
        } catch (LinkException ended) {
            end(GuestText.reason(String.valueOf(ended.getMessage())));
        } catch (InterruptedException closed) {
            end("closed");
        }
    }

    private long secondsOpen() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - opened);
    }

    private void hear(Message.FromGuest message) {
        switch (message) {
            case Message.Ready(var version, var uptime, var containers, var commands) ->
                listener.accept(new AgentEvent.Ready(
                        GuestText.reason(version), uptime, containers, execs.found(commands, this)));
            case Message.Started(var container, var uptime) ->
                listener.accept(new AgentEvent.Started(container, uptime));
            case Message.Attached(var container, var stdoutFrom, var stderrFrom) ->
                listener.accept(new AgentEvent.Attached(container, stdoutFrom, stderrFrom));
            case Message.Exited(var container, var exit) -> listener.accept(new AgentEvent.Exited(container, exit));
            case Message.Signalled(var container, var number) ->
                listener.accept(new AgentEvent.Signalled(container, number));
            case Message.Failed(var container, var reason) ->
                listener.accept(new AgentEvent.Failed(container, GuestText.reason(reason)));
            case Message.Held(var container, var problem) -> questions.answer(Wish.HOLD, container, problem);
            case Message.Mounted(var container, var problem) -> questions.answer(Wish.MOUNT, container, problem);
            case Message.Renewed(var container, var problem) -> questions.answer(Wish.RENEW, container, problem);
            case Message.ExecStarted(int exec) -> execs.find(exec).ifPresent(ExecSession::hasStarted);
            case Message.ExecExited(int exec, int code, boolean outOfMemory) ->
                execs.remove(exec).ifPresent(session -> session.hasExited(code, outOfMemory));
            case Message.ExecFailed(int exec, var reason) ->
                execs.remove(exec).ifPresent(session -> session.hasFailed(new ExecFailure(GuestText.reason(reason))));
            case Message.Probed probed -> questions.answer(probed);
            case Message.Health(var container, var document) ->
                listener.accept(new AgentEvent.Health(container, document));
        }
    }

    private void end(String reason) {
        gone = true;
        execs.end(reason);
        questions.end(reason);
        listener.accept(new AgentEvent.Gone(reason));
    }

    private void send() {
        try {
            while (true) {
                Message.FromHost next = unsent.take();
                Message newest = next instanceof Message.Kept kept ? unsentKept.remove(kept.container()) : next;
                if (newest != null) {
                    link.send(newest);
                }
            }
        } catch (LinkException | InterruptedException over) {
            // The receiver tells the listener why the session ended; there is nothing to add here.
            unsent.clear();
        }
    }

    @Override
    public void close() {
        sender.interrupt();
        receiver.interrupt();
        try {
            link.close();
        } catch (IOException useless) {
            // The session is over for us whatever the transport says; what runs in the guest goes on.
            unsent.clear();
        }
    }
}
