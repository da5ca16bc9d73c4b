package dev.fcvm.guest.output;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.OutputStream;

/** Sends one output to one host; a thread's work, since a host that does not read holds it up. */
final class OutputSender implements Runnable {

    private static final int BUFFER_SIZE = 32 * 1024;
    private static final int STACK_SIZE = 128 * 1024;

    private final OutputStore store;
    private final Link link;
    private final LinkStream stream;
    private final OutputStream out;
    private final long begin;
    private volatile boolean replaced;

    OutputSender(OutputStore store, Link link, LinkStream stream, long begin) {
        this.store = store;
        this.link = link;
        this.stream = stream;
        this.out = stream.output();
        this.begin = begin;
    }

    long begin() {
        return begin;
    }

    void start(String name) {
        var thread = new Thread(null, this, name, STACK_SIZE, false);
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns whether there is a host at the other end. */
    boolean isTaking() {
        return link.connected();
    }

    /** Another one has this one's work. */
    void replace() {
        replaced = true;
        stream.reset();
    }

    @Override
    public void run() {
        try {
            send();
        } catch (IOException e) {
            if (!replaced && !link.ended()) {
                store.abandon(this);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.detached(this);
        }
    }

    private void send() throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_SIZE];
        long at = begin;
        int count = store.send(this, at, buffer);
        while (count > 0) {
            at += count;
            count = store.send(this, at, buffer);
        }
        if (count == OutputStore.END) {
            out.close();
        } else {
            stream.reset();
        }
    }

    void write(byte[] bytes, int start, int length) throws IOException {
        out.write(bytes, start, length);
    }
}
