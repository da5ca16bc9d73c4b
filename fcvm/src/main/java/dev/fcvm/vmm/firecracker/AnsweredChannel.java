package dev.fcvm.vmm.firecracker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A connection that is closed when the other side says nothing in time. After a snapshot a guest is told to drop its
 * connections, and drops one that was just made with them, of which nobody tells the host: it would wait for ever.
 */
final class AnsweredChannel implements ByteChannel {

    private final ByteChannel channel;
    private final CountDownLatch answered = new CountDownLatch(1);

    private AnsweredChannel(ByteChannel channel) {
        this.channel = channel;
    }

    /** Returns the channel, which is closed when nothing comes within this time. */
    static ByteChannel within(ByteChannel channel, Duration patience) {
        var watched = new AnsweredChannel(channel);
        Thread.ofVirtual().name("vsock-answer").start(() -> watched.closeUnanswered(patience));
        return watched;
    }

    private void closeUnanswered(Duration patience) {
        try {
            if (!answered.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                channel.close();
            }
        } catch (InterruptedException | IOException over) {
            answered.countDown(); // whoever uses the channel finds it closed
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int read = channel.read(target);
        if (read > 0) {
            answered.countDown();
        }
        return read;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        answered.countDown();
        channel.close();
    }
}
