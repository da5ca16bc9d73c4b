package dev.fcvm.supervisor;

import dev.fcvm.command.CommandContext;
import dev.fcvm.host.process.CallerEnvironment;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.host.text.RawText;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** One launcher, from its connection to its command's exit code. */
final class Client implements Runnable {

    private final SocketChannel channel;
    private final House house;
    private final Commands commands;
    private final SupervisorLog log;
    private final long since = System.nanoTime();
    private volatile boolean asked;

    Client(SocketChannel channel, House house, Commands commands, SupervisorLog log) {
        this.channel = channel;
        this.house = house;
        this.commands = commands;
        this.log = log;
    }

    /** Returns since when it has been connected without having asked for anything; the end of time when it has. */
    long silentSince() {
        return asked ? Long.MAX_VALUE : since;
    }

    /** Cuts it off. */
    void cut() {
        try {
            channel.close();
        } catch (IOException useless) {
            log.note("a connection cannot be closed: " + useless.getMessage());
        }
    }

    @Override
    public void run() {
        try (channel) {
            serve();
        } catch (ProtocolException wrong) {
            log.note("a launcher was cut off: " + wrong.getMessage());
        } catch (IOException gone) {
            // Whoever it was does not wait any more.
            return;
        } catch (RuntimeException failure) {
            log.defect(failure);
        } finally {
            house.left(this);
        }
    }

    private void serve() throws IOException {
        var reader = new FrameReader(channel);
        Optional<Frame> hello = reader.next();
        if (hello.isEmpty()) {
            return;
        }
        if (hello.get().type() != Frame.Type.HELLO) {
            throw new ProtocolException(
                    "something came before the greeting: " + hello.get().type());
        }
        String digest = Greeting.digest(hello.get().payload());
        ByteBuffer body = body(reader);
        asked = true;
        Verdict verdict;
        Optional<Request> request = Optional.empty();
        if (house.isOf(digest)) {
            request = Optional.of(Request.read(body));
            verdict = house.judge(request.get(), context(request.get(), new FrameWriter(channel, this::cut)));
        } else {
            verdict = house.replace();
        }
        switch (verdict) {
            case Verdict.Welcome _ -> converse(reader, request.orElseThrow());
            case Verdict.Again _ -> answer(Frame.Type.AGAIN, new byte[0]);
            case Verdict.Yourself _ -> answer(Frame.Type.YOURSELF, new byte[0]);
            case Verdict.Elsewhere(var data) -> answer(Frame.Type.ELSEWHERE, RawText.encode(data.toString()));
        }
    }

    private static ByteBuffer body(FrameReader reader) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(Frame.LARGEST);
        for (Frame frame = next(reader); frame.type() != Frame.Type.BEGIN; frame = next(reader)) {
            if (frame.type() != Frame.Type.REQUEST) {
                throw new ProtocolException("something came in the middle of a request: " + frame.type());
            }
            int length = body.position() + frame.payload().remaining();
            if (length > Request.LARGEST) {
                throw new ProtocolException("a request of more than " + Request.LARGEST + " bytes");
            }
            if (length > body.capacity()) {
                body = ByteBuffer.allocate(2 * length).put(body.flip());
            }
            body.put(frame.payload());
        }
        return body.flip();
    }

    private static Frame next(FrameReader reader) throws IOException {
        return reader.next().orElseThrow(() -> new ProtocolException("a request without an end"));
    }

    private void answer(Frame.Type type, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER + payload.length);
        frame.put((byte) type.number()).putInt(payload.length).put(payload).flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** The ends of one command's streams, signals and terminal. */
    private record Ends(
            ClientInput input,
            ClientOutput output,
            ClientOutput error,
            ClientSignals signals,
            ClientTerminal terminal) {

        static Ends of(Request request, FrameWriter writer) {
            return new Ends(
                    new ClientInput(writer),
                    new ClientOutput(writer, Frame.Type.OUTPUT),
                    new ClientOutput(writer, Frame.Type.ERRORS),
                    new ClientSignals(),
                    new ClientTerminal(writer, request.size()));
        }

        CommandContext context(Request request) {
            return new CommandContext(
                    request.process(),
                    request.environment(),
                    request.directory(),
                    request.umask(),
                    new CommandContext.Streams(
                            input::open, output, error, request.isTerminal(1), request.isTerminal(2)),
                    request.isTerminal(0) ? Optional.of(terminal) : Optional.empty(),
                    signals,
                    System.nanoTime(),
                    Clock.systemUTC());
        }
    }

    private static CommandContext context(Request request, FrameWriter writer) {
        return Ends.of(request, writer).context(request);
    }

    private void converse(FrameReader reader, Request request) throws IOException {
        var writer = new FrameWriter(channel, this::cut);
        Ends ends = Ends.of(request, writer);
        var finished = new AtomicBoolean();
        Thread.ofVirtual().name("launcher-writer").start(writer);
        writer.send(Frame.Type.WELCOME);
        // A thread of the system: what a command does blocks in the kernel.
        Thread command = Thread.ofPlatform().name("command").daemon().unstarted(() -> {
            try {
                int code = run(request, ends);
                finished.set(true);
                writer.send(Frame.Type.EXIT, (byte) code);
            } finally {
                ends.input().close();
                writer.end();
                house.commandEnded();
            }
        });
        house.commandBegins();
        command.start();
        try {
            for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                take(frame.get(), ends);
            }
        } finally {
            if (!finished.get()) {
                abandon(command, ends);
            }
        }
    }

    private int run(Request request, Ends ends) {
        CommandContext context = ends.context(request);
        try {
            return CallerEnvironment.with(
                    request.process(), request.environment(), () -> commands.run(context, request.arguments()));
        } catch (RuntimeException | Error failure) {
            log.defect(failure);
            tellDefect(context, failure);
            return 125;
        }
    }

    private static void tellDefect(CommandContext context, Throwable failure) {
        byte[] line = ("Error: this is a defect of fcvm: " + failure + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            context.error().write(line);
        } catch (IOException nobodyReads) {
            return; // the exit code tells
        }
    }

    private static void take(Frame frame, Ends ends) throws ProtocolException {
        ByteBuffer payload = frame.payload();
        switch (frame.type()) {
            case INPUT -> ends.input().add(payload);
            case INPUT_END -> ends.input().end();
            case WRITTEN -> output(payload, ends).written(payload.getInt());
            case LOST -> output(payload, ends).lose(Errno.text(payload.getInt()));
            case SIGNAL -> {
                require(payload, 1);
                LinuxSignal.of(payload.get()).ifPresent(ends.signals()::receive);
            }
            case SIZE -> {
                require(payload, 4);
                ends.terminal().resized(new TerminalSize(payload.getShort() & 0xffff, payload.getShort() & 0xffff));
            }
            default -> throw new ProtocolException("a frame that does not belong here: " + frame.type());
        }
    }

    private static ClientOutput output(ByteBuffer payload, Ends ends) throws ProtocolException {
        require(payload, 5);
        return switch (payload.get()) {
            case 0 -> ends.output();
            case 1 -> ends.error();
            default -> throw new ProtocolException("a stream that there is not");
        };
    }

    private static void require(ByteBuffer payload, int length) throws ProtocolException {
        if (payload.remaining() != length) {
            throw new ProtocolException("a frame of a wrong length");
        }
    }

    /** The launcher does not wait any more: whoever runs the command for it hears of it. */
    private static void abandon(Thread command, Ends ends) {
        ends.output().lose(Errno.text(32));
        ends.error().lose(Errno.text(32));
        ends.input().close();
        if (!ends.signals().callerIsGone() && !ends.signals().receive(LinuxSignal.HUP)) {
            command.interrupt();
        }
    }
}
