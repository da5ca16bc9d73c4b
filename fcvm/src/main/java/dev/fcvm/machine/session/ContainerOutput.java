package dev.fcvm.machine.session;

import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.log.Position;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What a container writes, on its way to the log first, and then to whoever watches. The guest keeps what it has sent
 * until it is told that it is in the log: so none is lost, and none comes twice, whoever is killed in between.
 */
final class ContainerOutput {

    /** So much is written down before the guest is told; it keeps four times as much. Each word wakes the agent. */
    private static final long REPORTED = 256 << 10;

    private final OutputLog log;
    private final Audience audience;
    private final Consumer<Position> kept;
    private final AtomicBoolean complained = new AtomicBoolean();
    private final AtomicBoolean heard = new AtomicBoolean();
    private Position reported;

    /**
     * @param kept tells the guest what it need not keep any more; must not block
     */
    ContainerOutput(OutputLog log, Audience audience, Consumer<Position> kept) {
        this.log = log;
        this.audience = audience;
        this.kept = kept;
        this.reported = log.position();
    }

    /** Returns where what one output writes is to be written. */
    OutputStream target(Output output) {
        return new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                record(output, bytes, offset, length);
                audience.write(output, bytes, offset, length);
                if (heard.compareAndSet(false, true)) {
                    audience.reached(Phase.FIRST_BYTE);
                }
            }
        };
    }

    private void record(Output output, byte[] bytes, int offset, int length) {
        try {
            log.append(output, ByteBuffer.wrap(bytes, offset, length));
        } catch (IOException full) {
            // The container must not stand still for want of a log.
            log.miss(output, length);
            if (complained.compareAndSet(false, true)) {
                audience.warn("the container's output cannot be logged: " + full.getMessage()
                        + "; look at the disk space of the data directory");
            }
        }
        report();
    }

    private synchronized void report() {
        Position now = log.position();
        if (now.stdout() - reported.stdout() + now.stderr() - reported.stderr() >= REPORTED) {
            reported = now;
            kept.accept(now);
        }
    }
}
