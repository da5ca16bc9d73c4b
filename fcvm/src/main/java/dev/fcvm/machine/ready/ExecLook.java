package dev.fcvm.machine.ready;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.agent.GuestText;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.agent.ProbeResult;
import dev.fcvm.link.LinkException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command in the container. One that hangs is waited for as long as there is time: to give it up and run another
 * would fill the container with hanging commands.
 *
 * @param container as its agent calls it
 * @param command a JSON array of words, or a line for the container's shell
 */
record ExecLook(String container, String command) implements Look {

    private static final Duration SILENCE = Duration.ofSeconds(1);

    @Override
    public CompletableFuture<ProbeResult> once(AgentSession agent, Duration limit) throws LinkException {
        ExecSession exec = agent.exec(new ExecRequest(
                "", container, List.of(), words(command), List.of(), Optional.empty(), false, true, true));
        var tail = new Tail();
        List<OutputPump> outputs = Stream.of(exec.stdout(), exec.stderr())
                .flatMap(Optional::stream)
                .map(stream -> new OutputPump(stream, tail, () -> {}, _ -> {}))
                .toList();
        outputs.forEach(pump -> Thread.ofVirtual().name("ready-output").start(pump));
        return exec.exit()
                .handleAsync(
                        (code, failure) -> {
                            awaitEnd(outputs);
                            exec.close();
                            return result(code, failure, tail.lastLine());
                        },
                        work -> Thread.ofVirtual().name("ready-exec").start(work));
    }

    /** All of it is on its way when the command's end is told. */
    private static void awaitEnd(List<OutputPump> outputs) {
        try {
            for (OutputPump output : outputs) {
                output.awaitEnd(SILENCE);
            }
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
        }
    }

    private static ProbeResult result(@Nullable Integer code, @Nullable Throwable failure, String said) {
        if (code == null) {
            String why = failure == null ? "no reason is known" : String.valueOf(failure.getMessage());
            return new ProbeResult(false, 0, "the command could not be run: " + why);
        }
        String seen = "the command ended with " + code + (said.isEmpty() ? "" : ": " + said);
        return new ProbeResult(code == 0, code, seen);
    }

    static List<String> words(String command) {
        if (command.strip().startsWith("[")) {
            try {
                List<String> words = Jsonb.instance().type(String.class).list().fromJson(command);
                if (!words.isEmpty()) {
                    return words;
                }
            } catch (JsonException | IllegalStateException line) {
                // As Podman takes it: what is no array is a line for the shell, such as [ -e /run/ready ].
                return List.of("/bin/sh", "-c", command);
            }
        }
        return List.of("/bin/sh", "-c", command);
    }

    /** The end of what was written; both outputs end before the command's end is told. */
    private static final class Tail extends OutputStream {

        private static final int KEPT = 1024;

        private byte[] kept = new byte[0];

        @Override
        public void write(int single) {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            int older = Math.min(kept.length, Math.max(0, KEPT - length));
            int newer = Math.min(length, KEPT);
            var joined = new byte[older + newer];
            System.arraycopy(kept, kept.length - older, joined, 0, older);
            System.arraycopy(bytes, offset + length - newer, joined, older, newer);
            kept = joined;
        }

        synchronized String lastLine() {
            String text = new String(kept, StandardCharsets.UTF_8).strip();
            return GuestText.harmless(text.substring(text.lastIndexOf('\n') + 1), LONGEST);
        }
    }
}
