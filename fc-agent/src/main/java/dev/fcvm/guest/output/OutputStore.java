package dev.fcvm.guest.output;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One output of a container: what it has written and no host has in safety yet. Bytes are numbered from 0, the
 * container's first. While a host takes them there is a bounded room in memory, and who writes waits for it. While none
 * does, the writer goes on: what finds no room goes to a bounded file, whose oldest bytes are dropped, which the numbers
 * tell.
 *
 * <p>One thread reads the output ({@link OutputReader}), another sends what was read to the host ({@link OutputSender}).
 */
public final class OutputStore {

    private static final int FIRST_ROOM = 64 * 1024;
    private static final int MOST_ROOM = 1024 * 1024;

    /** What is sent at a time: the more, the longer the writer may go on meanwhile. */
    private static final int LONGEST_SEND = 4 * LinkStream.FRAME;

    /** What goes to the file at a time. */
    private static final int SPILLED = 256 * 1024;

    /** How often a writer that waits for a host looks whether there still is one. */
    private static final long LOOK_MILLIS = 50;

    private final Spill spill;
    private final Consumer<String> log;
    private byte[] room = new byte[FIRST_ROOM];
    /** The number of the first byte in memory; before it are those of the file, if there are any. */
    private long start;

    private long end;
    private long sent;
    private boolean ended;
    private boolean abandoned;
    private boolean complained;
    /** Whether a sender reads from the room itself just now. */
    private boolean lent;

    private @Nullable OutputSender sender;

    /**
     * @param file on the scratch disk; made when it is needed, deleted when it is empty
     * @param limit of the file, in bytes
     * @param log takes what goes wrong, a line each
     */
    public OutputStore(Path file, long limit, Consumer<String> log) {
        this.spill = new Spill(file, limit);
        this.log = log;
    }

    /** Returns the number of the first byte it still has. */
    public synchronized long from() {
        return first();
    }

    /** Returns the number behind the last byte there has been. */
    public synchronized long to() {
        return end;
    }

    private long first() {
        return spill.from() < spill.to() ? spill.from() : start;
    }

    /**
     * Sends all from this number on to a stream of a host's, instead of to the one before.
     *
     * @return the number with which it begins: a later one when that byte is not here any more
     */
    public long attach(Link link, LinkStream stream, long from, String name) {
        OutputSender fresh;
        OutputSender before;
        synchronized (this) {
            long begin = Math.min(Math.max(from, first()), end);
            fresh = new OutputSender(this, link, stream, begin);
            before = sender;
            sender = fresh;
            notifyAll();
        }
        if (before != null) {
            before.replace();
        }
        long begin = fresh.begin();
        fresh.start(name);
        return begin;
    }

    /** A host has all bytes before this number in safety. No more is believed than has been sent. */
    public synchronized void kept(long before) {
        long safe = Math.min(before, sent);
        try {
            spill.forget(Math.min(safe, start));
        } catch (IOException e) {
            complain(e);
        }
        start = Math.max(start, safe);
        notifyAll();
    }

    /** Nothing more will be written. */
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    // ---- for the reader -------------------------------------------------------------------------------------------

    /**
     * Reads once, into the room there is, waiting for it where a host is there to make some.
     *
     * @return how many bytes; -1 at the end, or when nobody wants any more
     */
    int readFrom(InputStream from, OutputReader reader) throws IOException, InterruptedException {
        int at;
        int count;
        synchronized (this) {
            makeRoom();
            if (abandoned || ended) {
                return -1;
            }
            at = (int) (end % room.length);
            count = (int) Math.min(room.length - at, room.length - (end - start));
        }
        // Nobody else touches what is free, nor takes the room for another: that is this thread's to do.
        int read = reader.read(from, room, at, count);
        if (read > 0) {
            synchronized (this) {
                if (ended) {
                    return -1; // it was given up meanwhile, and its end is known
                }
                end += read;
                notifyAll();
            }
        }
        return read;
    }

    private void makeRoom() throws InterruptedException {
        while (end - start == room.length && !abandoned && !ended) {
            if (room.length < MOST_ROOM) {
                grow();
            } else if (sender != null && sender.isTaking()) {
                wait(LOOK_MILLIS);
            } else {
                spill();
            }
        }
    }

    private void grow() {
        byte[] grown = new byte[room.length * 2];
        for (long i = start; i < end; ) {
            int from = (int) (i % room.length);
            int to = (int) (i % grown.length);
            int count = (int) Math.min(end - i, Math.min(room.length - from, grown.length - to));
            System.arraycopy(room, from, grown, to, count);
            i += count;
        }
        room = grown;
    }

    private void spill() {
        if (lent) {
            // The sender that is stuck reads on from the old one.
            room = room.clone();
            lent = false;
        }
        int from = (int) (start % room.length);
        int count = Math.min(SPILLED, room.length - from);
        if (spill.to() != start) {
            spill.begin(start);
        }
        IOException failure = spill.add(room, from, count);
        if (failure != null) {
            complain(failure);
        }
        start += count;
    }

    private void complain(IOException failure) {
        if (!complained) {
            complained = true;
            log.accept("output that no host has taken is lost: " + failure.getMessage());
        }
    }

    // ---- for the sender -------------------------------------------------------------------------------------------

    /** What {@link #send} returns at the end. */
    static final int END = -1;

    /** What {@link #send} returns when the next byte has been dropped, or another sender is at work. */
    static final int OVER = -2;

    /**
     * Waits for bytes from this number on, and has them sent.
     *
     * @param buffer for bytes that are not in memory
     * @return how many, {@link #END} or {@link #OVER}
     */
    int send(OutputSender by, long at, byte[] buffer) throws IOException, InterruptedException {
        byte[] bytes;
        int from;
        int count;
        synchronized (this) {
            while (sender == by && at == end && !ended) {
                wait();
            }
            if (sender != by || at < first()) {
                return OVER;
            }
            if (at == end) {
                return END;
            }
            if (at < start) {
                bytes = buffer;
                from = 0;
                count = spill.read(at, buffer);
            } else {
                // Not copied: what has not been sent is not kept, so nobody writes over it but who spills.
                lent = true;
                bytes = room;
                from = (int) (at % room.length);
                count = (int) Math.min(Math.min(LONGEST_SEND, end - at), room.length - from);
                if (count > LinkStream.FRAME) {
                    // What is left goes with what comes next: a frame of a few bytes costs as much as a whole one.
                    count -= count % LinkStream.FRAME;
                }
            }
        }
        by.write(bytes, from, count);
        synchronized (this) {
            if (sender == by) {
                lent = false;
                sent = Math.max(sent, at + count);
            }
        }
        return count;
    }

    /** The sender has stopped for good. */
    @SuppressWarnings("ReferenceEquality") // This very one.
    synchronized void detached(OutputSender by) {
        if (sender == by) {
            sender = null;
            notifyAll();
        }
    }

    /** The host wants no more of it: who writes on is to fail. */
    synchronized void abandon(OutputSender by) {
        if (sender == by) {
            abandoned = true;
            notifyAll();
        }
    }
}
