package dev.fcvm.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One session with the agent of a machine, and what has been heard in it. */
final class AgentHost implements AutoCloseable {

    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();
    private final AgentSession session;
    private final AgentEvent.Ready ready;

    AgentHost(Link link) throws InterruptedException {
        session = AgentSession.open(link, events::add);
        ready = next(AgentEvent.Ready.class);
    }

    AgentSession session() {
        return session;
    }

    /** What the guest said first. */
    AgentEvent.Ready ready() {
        return ready;
    }

    /** Waits for the next event of this kind, and forgets those before it. */
    <T extends AgentEvent> T next(Class<T> kind) throws InterruptedException {
        while (true) {
            AgentEvent event = Objects.requireNonNull(
                    events.poll(Fcvm.BOOT.toSeconds(), TimeUnit.SECONDS), "nothing was heard of the machine");
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
            assertThat(event).isNotInstanceOfAny(AgentEvent.Gone.class, AgentEvent.Failed.class);
        }
    }

    /** What a command has said and how it ended. */
    record Result(int code, String out, String err) {}

    /** Begins a command. */
    ExecSession begin(String container, List<String> options, Optional<TerminalSize> terminal, String... command)
            throws IOException {
        return session.exec(new ExecRequest(
                container, options, List.of(command), List.of("WORD=two words"), terminal, true, true, true));
    }

    /** Runs a command with this input. */
    Result run(String container, List<String> options, byte[] input, String... command) throws Exception {
        try (ExecSession exec = begin(container, options, Optional.empty(), command)) {
            LinkStream stdin = exec.stdin().orElseThrow();
            Thread.ofVirtual().start(() -> {
                try (var out = stdin.output()) {
                    out.write(input);
                } catch (IOException notTaken) {
                    stdin.reset();
                }
            });
            return result(exec);
        }
    }

    /** Waits for the end of a command. */
    static Result result(ExecSession exec) throws Exception {
        String out = text(exec.stdout().orElseThrow());
        String err = text(exec.stderr().orElseThrow());
        return new Result(exec.exit().get(Fcvm.BOOT.toSeconds(), TimeUnit.SECONDS), out, err);
    }

    static String text(LinkStream stream) throws IOException {
        return new String(stream.input().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Reads until this has come, and returns all up to it. */
    static String await(LinkStream stream, String wanted) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf(wanted) < 0) {
            int one = stream.input().read();
            if (one < 0) {
                throw new AssertionError("the output ended before '" + wanted + "': " + text);
            }
            text.append((char) one);
        }
        return text.toString();
    }

    @Override
    public void close() {
        session.close();
    }
}
