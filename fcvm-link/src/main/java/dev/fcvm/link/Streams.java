package dev.fcvm.link;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The live streams of a session, in ascending order of their numbers; the control stream is the first. Numbers are given
 * once and in order, so a number below the next one that is not here has been forgotten by agreement.
 */
final class Streams {

    private final Session session;
    private final int window;
    private volatile Stream[] live;
    private volatile int opened;
    private int openSaid;
    private int listed;

    Streams(Session session, int window) {
        this.session = session;
        this.window = window;
        this.live = new Stream[] {new Stream(session, Protocol.CONTROL, window)};
    }

    Stream[] live() {
        return live;
    }

    @Nullable Stream find(int number) {
        for (var stream : live) {
            if (stream.number() == number) {
                return stream;
            }
        }
        return null;
    }

    /** Returns whether there has been a stream of this number. */
    boolean wasOpened(int number) {
        return number <= opened;
    }

    /** Adds a stream under the next number; returns null when there are as many as may be. */
    synchronized @Nullable Stream open(int most) {
        if (live.length > most || opened == Integer.MAX_VALUE) {
            return null;
        }
        var stream = new Stream(session, opened + 1, window);
        var grown = Arrays.copyOf(live, live.length + 1);
        grown[live.length] = stream;
        live = grown;
        opened = stream.number();
        return stream;
    }

    /** Takes the peer's OPEN; returns what is wrong with it, or null. */
    synchronized @Nullable String accept(FrameReader frame) {
        if (frame.length() != 0 || frame.flags() != 0 || frame.offset() != 0 || frame.stream() != opened + 1) {
            return "a malformed open";
        }
        return open(Protocol.MOST_STREAMS) == null ? "one stream too many" : null;
    }

    synchronized void remove(Stream stream) {
        var old = live;
        for (int i = 0; i < old.length; i++) {
            if (old[i] == stream) {
                var shrunk = new Stream[old.length - 1];
                System.arraycopy(old, 0, shrunk, 0, i);
                System.arraycopy(old, i + 1, shrunk, i, shrunk.length - i);
                live = shrunk;
                return;
            }
        }
    }

    /** Puts the OPEN of the next stream the peer has not been told of; the caller holds the wire's lock. */
    boolean fillOpen(ByteBuffer frame) {
        if (!session.host() || openSaid == opened) {
            return false;
        }
        openSaid++;
        Protocol.putBare(frame, session.tag(), Protocol.OPEN, openSaid, 0);
        return true;
    }

    /** Puts the list of a HELLO or WELCOME; the caller holds the wire's lock. */
    void list(ByteBuffer frame) {
        Stream[] all;
        synchronized (this) {
            all = live;
            listed = opened;
            openSaid = opened;
        }
        if (session.host()) {
            frame.putInt(listed);
        }
        frame.putShort((short) all.length);
        for (var stream : all) {
            stream.list(frame, !session.host());
        }
    }

    /** Takes the host's list; returns what is wrong with it, or null. */
    @Nullable String acceptHello(ByteBuffer list) {
        if (list.remaining() < Integer.BYTES) {
            return "a list cut short";
        }
        int upTo = list.getInt();
        int known = opened;
        if (upTo < known) {
            return "a list from before";
        }
        return accept(list, known, upTo, false);
    }

    /** Takes the guest's list, the answer to the last one of ours; returns what is wrong with it, or null. */
    @Nullable String acceptWelcome(ByteBuffer list) {
        int answered;
        synchronized (this) {
            answered = listed;
        }
        return accept(list, answered, answered, true);
    }

    private @Nullable String accept(ByteBuffer list, int known, int upTo, boolean answer) {
        if (list.remaining() < Short.BYTES) {
            return "a list cut short";
        }
        int count = list.getShort() & 0xFFFF;
        if (count == 0 || count > Protocol.MOST_STREAMS + 1 || list.remaining() != count * Protocol.LISTED_BYTES) {
            return "a list of the wrong length";
        }
        var ours = live;
        int at = 0;
        int last = -1;
        for (int i = 0; i < count; i++) {
            int number = list.getInt();
            int flags = list.get();
            long received = list.getLong();
            long consumed = list.getLong();
            if (number <= last || number > upTo || (i == 0) != (number == Protocol.CONTROL)) {
                return "a list out of order";
            }
            if ((flags & ~Protocol.WAS_RESET) != 0 || (number == Protocol.CONTROL && flags != 0)) {
                return "a list with unknown flags";
            }
            last = number;
            while (at < ours.length && ours[at].number() < number) {
                String wrong = ours[at++].resumeForgotten();
                if (wrong != null) {
                    return wrong;
                }
            }
            boolean ourOwn = at < ours.length && ours[at].number() == number;
            String wrong = null;
            if (ourOwn) {
                wrong = ours[at++].resume(flags != 0, received, consumed, answer);
            } else if (answer) {
                wrong = "a list with a stream that is not open";
            } else if (number > known) {
                wrong = create(number, flags != 0, received, consumed);
            }
            if (wrong != null) {
                return wrong;
            }
        }
        for (; at < ours.length && ours[at].number() <= known; at++) {
            String wrong = ours[at].resumeForgotten();
            if (wrong != null) {
                return wrong;
            }
        }
        synchronized (this) {
            opened = Math.max(opened, upTo);
        }
        return null;
    }

    /** Adds a stream the host had opened while there was no channel. */
    private synchronized @Nullable String create(int number, boolean wasReset, long received, long consumed) {
        if (received != 0 || consumed != 0) {
            return "a list with a new stream that is not new";
        }
        if (wasReset) {
            return null;
        }
        opened = number - 1;
        return open(Protocol.MOST_STREAMS) == null ? "one stream too many" : null;
    }
}
