package dev.fcvm.machine.wake;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.link.LinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a guest whether connections are open at its ports: neither mode of network knows them all on the host. Who lies in
 * there keeps its own machine awake, or has its own callers hung up on.
 */
final class Connections {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Some ten thousand connections. */
    private static final int MOST = 2 << 20;

    /** Open on both sides, and open on ours alone: see tcp(7) and the kernel's {@code tcp_states.h}. */
    private static final Set<String> OPEN = Set.of("01", "08");

    private static final int LOCAL = 1;
    private static final int STATE = 3;

    private Connections() {}

    /**
     * Returns whether one is open, or that cannot be known.
     *
     * @param ports the guest's
     */
    static boolean areOpen(AgentSession agent, Set<Integer> ports) throws InterruptedException {
        if (ports.isEmpty()) {
            return false;
        }
        // A kernel without IPv6 has one of the two files.
        var request = new ExecRequest(
                "",
                "",
                List.of(),
                List.of("cat", "/proc/net/tcp", "/proc/net/tcp6"),
                List.of(),
                Optional.empty(),
                false,
                true,
                false);
        try (ExecSession asked = agent.exec(request)) {
            var read = new FutureTask<>(() -> text(asked));
            Thread.ofVirtual().name("connections").start(read);
            return isOneOpen(read.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), ports);
        } catch (LinkException | ExecutionException | TimeoutException silent) {
            return true;
        }
    }

    private static String text(ExecSession asked) throws IOException {
        try (InputStream output = asked.stdout().orElseThrow().input()) {
            return new String(output.readNBytes(MOST), StandardCharsets.US_ASCII);
        }
    }

    /** Reads {@code /proc/net/tcp}; what is cut off is as good as open. */
    static boolean isOneOpen(String listing, Set<Integer> ports) {
        if (listing.length() >= MOST) {
            return true;
        }
        return listing.lines().map(line -> line.strip().split("\\s+", -1)).anyMatch(words -> isOpen(words, ports));
    }

    private static boolean isOpen(String[] words, Set<Integer> ports) {
        if (words.length <= STATE || !OPEN.contains(words[STATE])) {
            return false;
        }
        String port = words[LOCAL].substring(words[LOCAL].indexOf(':') + 1);
        return port.matches("[0-9A-F]{4}") && ports.contains(Integer.parseInt(port, 16));
    }
}
