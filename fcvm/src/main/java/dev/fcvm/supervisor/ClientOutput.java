package dev.fcvm.supervisor;

import dev.fcvm.command.SettledOutput;
import java.io.IOException;

/**
 * A caller's standard output or error. A write returns when what is on its way to the caller fits into the window; what
 * the caller's own write came to is known a little later.
 */
final class ClientOutput extends SettledOutput {

    /** Bytes that may be on the way: the launcher has room for as many. */
    static final int WINDOW = 262_144;

    private final FrameWriter writer;
    private final Frame.Type type;

    private int free = WINDOW;
    /** Why nothing can be written any more; empty while it can. */
    private String lost = "";

    ClientOutput(FrameWriter writer, Frame.Type type) {
        this.writer = writer;
        this.type = type;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            int part = reserve(Math.min(left, Frame.LARGEST));
            writer.send(type, bytes, at, part);
            at += part;
            left -= part;
        }
    }

    /** Waits for room, as a write to a full pipe does: an interrupt does not end it, but is kept. */
    private synchronized int reserve(int most) throws IOException {
        await(1);
        if (!lost.isEmpty()) {
            throw new IOException(lost);
        }
        int part = Math.min(most, free);
        free -= part;
        return part;
    }

    @Override
    public synchronized void settle() throws IOException {
        await(WINDOW);
        if (!lost.isEmpty()) {
            throw new IOException(lost);
        }
    }

    private synchronized void await(int room) {
        boolean interrupted = false;
        while (free < room && lost.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The caller has written so many bytes. */
    synchronized void written(int count) throws ProtocolException {
        if (count < 0 || count > WINDOW - free) {
            throw new ProtocolException("more bytes are said to be written than were sent");
        }
        free += count;
        notifyAll();
    }

    /** The caller cannot write any more. */
    synchronized void lose(String why) {
        if (lost.isEmpty()) {
            lost = why;
            notifyAll();
        }
    }
}
