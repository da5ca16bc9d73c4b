package dev.fcvm.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Sends frames to one launcher, on a thread of its own: a thread of a command may be interrupted, and an interrupt would
 * close the channel in the middle of a frame. What waits is bounded by the windows of the streams.
 */
final class FrameWriter implements Runnable {

    private final WritableByteChannel target;
    private final Runnable broken;
    private final BlockingQueue<ByteBuffer> queue = new LinkedBlockingQueue<>();

    /**
     * @param target where they go
     * @param broken is called when nothing can be sent any more
     */
    FrameWriter(WritableByteChannel target, Runnable broken) {
        this.target = target;
        this.broken = broken;
    }

    /** Sends a frame with this payload, which is copied. */
    void send(Frame.Type type, byte[] payload, int offset, int length) {
        ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER + length);
        frame.put((byte) type.number())
                .putInt(length)
                .put(payload, offset, length)
                .flip();
        queue.add(frame);
    }

    /** The same with all of the payload. */
    void send(Frame.Type type, byte... payload) {
        send(type, payload, 0, payload.length);
    }

    /** Sends a frame that holds a number. */
    void sendNumber(Frame.Type type, int number) {
        send(type, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    /** Ends {@link #run} when all that was sent before is on its way. */
    void end() {
        queue.add(ByteBuffer.allocate(0)); // no frame is empty
    }

    @Override
    public void run() {
        try {
            for (ByteBuffer frame = queue.take(); frame.hasRemaining(); frame = queue.take()) {
                while (frame.hasRemaining()) {
                    target.write(frame);
                }
            }
        } catch (IOException gone) {
            broken.run();
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
            broken.run();
        }
    }
}
