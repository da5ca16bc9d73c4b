package dev.fcvm.guest.system;

import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Carries what a host sends to a container's standard input; a thread's work. The end the host sends ends the container's
 * input; a host that goes away does not, since the next may send more.
 */
public final class InputFeed implements Runnable {

    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int STACK_SIZE = 128 * 1024;

    private final LinkStream from;
    private final OutputStream to;
    private final boolean endless;
    private final Runnable lost;
    private volatile boolean stopped;

    private InputFeed(LinkStream from, OutputStream to, boolean endless, Runnable lost) {
        this.from = from;
        this.to = to;
        this.endless = endless;
        this.lost = lost;
    }

    /**
     * Begins.
     *
     * @param endless whether the host's end is none of the container's: a terminal has no end
     * @param lost is called when the host is gone, or the container reads no more
     */
    public static InputFeed start(LinkStream from, OutputStream to, boolean endless, Runnable lost) {
        var feed = new InputFeed(from, to, endless, lost);
        var thread = new Thread(null, feed, "stdin", STACK_SIZE, false);
        thread.setDaemon(true);
        thread.start();
        return feed;
    }

    /** Takes no more; the container's input stays open. */
    public void stop() {
        stopped = true;
        from.reset();
    }

    @Override
    public void run() {
        try {
            InputStream in = from.input();
            byte[] buffer = new byte[BUFFER_SIZE];
            int count = in.read(buffer);
            while (count >= 0 && !stopped) {
                to.write(buffer, 0, count);
                to.flush();
                count = in.read(buffer);
            }
            if (!stopped && !endless) {
                to.close();
            }
        } catch (IOException e) {
            // The host is gone, or the container reads no more: what is still sent is for nobody.
            from.reset();
            lost.run();
        }
    }
}
