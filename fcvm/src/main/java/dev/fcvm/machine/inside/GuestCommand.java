package dev.fcvm.machine.inside;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.agent.ExecFailure;
import dev.fcvm.agent.ExecRequest;
import dev.fcvm.agent.ExecSession;
import dev.fcvm.agent.OutputPump;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.host.text.RawText;
import dev.fcvm.link.LinkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * A command in a guest itself, as its root. What it writes is read as it comes, by whoever asked for it. Closing ends it,
 * if it has not ended by itself.
 */
public final class GuestCommand implements AutoCloseable {

    /** A guest owes the end of an output this soon after the command's end. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final String machine;
    private final ExecSession session;
    private final Said said = new Said();
    private final OutputPump errors;

    private GuestCommand(String machine, ExecSession session) {
        this.machine = machine;
        this.session = session;
        this.errors = new OutputPump(session.stderr().orElseThrow(), said, () -> {}, _ -> {});
        Thread.ofVirtual().name("guest-errors").start(errors);
    }

    static GuestCommand start(AgentSession agent, String machine, List<String> command, boolean input)
            throws FcvmException {
        try {
            return new GuestCommand(
                    machine,
                    agent.exec(new ExecRequest(
                            "",
                            "",
                            List.of(),
                            RawText.replaced(command),
                            List.of(),
                            Optional.empty(),
                            input,
                            true,
                            true)));
        } catch (LinkException over) {
            throw gone(machine, over);
        }
    }

    private static FcvmException gone(String machine, Exception over) {
        return new FcvmException(
                Kind.GUEST,
                "cannot ask machine " + machine + ": " + over.getMessage() + "; does it still run? fcvm ps",
                over);
    }

    /** Returns what it writes; to be read to its end. */
    public InputStream output() {
        return session.stdout().orElseThrow().input();
    }

    /** Returns where its input goes; closing that ends it. Of a command that was started with one. */
    public OutputStream input() {
        return session.stdin().orElseThrow().output();
    }

    /**
     * Waits for its end, once its output has been read.
     *
     * @return its exit code
     */
    public int await() throws FcvmException, InterruptedException {
        try {
            int code = session.exit().get();
            errors.awaitEnd(SILENCE);
            return code;
        } catch (ExecutionException failure) {
            Throwable why = failure.getCause();
            throw new FcvmException(
                    Kind.GUEST,
                    "machine " + machine + " could not be asked: "
                            + (why instanceof ExecFailure known ? known.getMessage() : String.valueOf(why)),
                    failure);
        }
    }

    /** Returns what it said on standard error, made harmless, without the word that Podman begins with; at its end. */
    public String said() {
        return said.text();
    }

    @Override
    public void close() {
        if (!session.exit().isDone()) {
            // Before its input ends: it must not take what there is for all there was.
            session.signal(LinuxSignal.TERM.number());
        }
        session.close();
    }

    /** The beginning of what it said: the reason comes first. */
    private static final class Said extends OutputStream {

        private static final int KEPT = 4096;

        private final byte[] kept = new byte[KEPT];
        private int length;

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int count) {
            int taken = Math.min(count, KEPT - length);
            System.arraycopy(bytes, offset, kept, length, taken);
            length += taken;
        }

        synchronized String text() {
            return GuestWords.of(kept, length);
        }
    }
}
