package dev.fcvm.agent;

import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Carries one output stream of the container to where the user wants it, byte for byte. When nobody reads there any
 * more, the stream is abandoned, so that the container's next write fails as it would on a broken pipe.
 */
public final class OutputPump implements Runnable {

    private static final int BUFFER = 64 * 1024;

    private final LinkStream stream;
    private final OutputStream target;
    private final Runnable firstByte;
    private final Runnable end;

    /**
     * @param stream where the bytes come from
     * @param target where they go; not closed
     * @param firstByte is called once, when the first bytes have been written
     * @param end is called once, when nothing more will come
     */
    public OutputPump(LinkStream stream, OutputStream target, Runnable firstByte, Runnable end) {
        this.stream = stream;
        this.target = target;
        this.firstByte = firstByte;
        this.end = end;
    }

    @Override
    public void run() {
        try (InputStream input = stream.input()) {
            pump(input);
        } catch (IOException ended) {
            // The session is over: its end is told to whoever listens to the agent.
            stream.reset();
        } finally {
            end.run();
        }
    }

    private void pump(InputStream input) throws IOException {
        var buffer = new byte[BUFFER];
        boolean first = true;
        for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
            try {
                target.write(buffer, 0, count);
                target.flush();
            } catch (IOException nobodyReads) {
                stream.reset();
                return;
            }
            if (first) {
                firstByte.run();
                first = false;
            }
        }
    }
}
