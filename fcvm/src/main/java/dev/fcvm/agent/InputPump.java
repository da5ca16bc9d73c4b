package dev.fcvm.agent;

import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** Carries the user's standard input to the container, and its end. */
public final class InputPump implements Runnable {

    private static final int BUFFER = 64 * 1024;

    private final ReadableByteChannel source;
    private final LinkStream stream;

    /**
     * @param source where the bytes come from; closing it from outside ends the pump, also while it is blocked
     * @param stream where they go
     */
    public InputPump(ReadableByteChannel source, LinkStream stream) {
        this.source = source;
        this.stream = stream;
    }

    @Override
    public void run() {
        try (OutputStream output = stream.output()) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            while (fill(buffer)) {
                output.write(buffer.array(), 0, buffer.position());
                output.flush();
                buffer.clear();
            }
        } catch (IOException notTaken) {
            // A container that does not read any more needs nothing.
            stream.reset();
        }
    }

    /** Reads what there is; returns whether there was something. */
    private boolean fill(ByteBuffer buffer) {
        try {
            return source.read(buffer) >= 0;
        } catch (ClosedChannelException finished) {
            stream.reset();
            return false;
        } catch (IOException unreadable) {
            // Input that cannot be read, a directory say, ends there, as for Podman: what came before still arrives.
            return false;
        }
    }
}
