package dev.fcvm.link;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The guest's side of the connection: one thread that dials, reads, and also sends what reading makes due, since the
 * host always reads. A platform thread: reads of a virtio-serial port block the thread that carries them.
 */
final class GuestEndpoint implements Endpoint, LinkAcceptor, Runnable {

    private static final int READ_BYTES = 2 * Protocol.LONGEST_FRAME;

    private final Dialer dialer;
    private final Pace pace;
    private final Wire wire = new Wire();
    private final FrameReader frames = new FrameReader(READ_BYTES, "the host");
    private final Thread thread = new Thread(this, "fcvm-link-guest");
    private volatile boolean pumpDue;
    private long knock;
    private @Nullable Session session;
    private @Nullable Session untaken;
    private @Nullable LinkException over;

    GuestEndpoint(Dialer dialer, LinkOptions options) {
        this.dialer = dialer;
        this.pace = new Pace(options.longestPause());
    }

    LinkAcceptor start() {
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    @Override
    public synchronized Link accept() throws LinkException, InterruptedException {
        while (true) {
            var fresh = untaken;
            if (fresh != null) {
                untaken = null;
                return fresh;
            }
            var reason = over;
            if (reason != null) {
                throw reason.again();
            }
            wait();
        }
    }

    @Override
    public void close() {
        end(new LinkException("the link has been closed"));
        thread.interrupt();
    }

    private void end(LinkException reason) {
        Session last;
        synchronized (this) {
            if (over == null) {
                over = reason;
            }
            untaken = null;
            last = session;
            notifyAll();
        }
        wire.disconnect();
        if (last != null) {
            last.fail(reason);
        }
    }

    @Override
    public void pumpLater() {
        pumpDue = true;
    }

    @Override
    public void ended(Session ended) {
        synchronized (this) {
            if (session != ended) {
                return;
            }
            session = null;
            if (untaken == ended) {
                untaken = null;
            }
        }
        // The host hears of it when it greets again, which the knock over the next channel makes it do.
        wire.disconnect();
    }

    @Override
    public void run() {
        try {
            while (pause()) {
                serve(dialer.dial());
            }
        } catch (IOException gone) {
            end(new LinkException("there is no channel to the host: " + gone.getMessage(), gone));
        } catch (InterruptedException stopped) {
            end(new LinkException("the link has been interrupted"));
        } catch (RuntimeException | Error defect) {
            end(new LinkException("the link cannot go on: " + defect, defect));
        }
    }

    private synchronized boolean pause() throws InterruptedException {
        long until = System.nanoTime();
        until += pace.next(until);
        for (long left = until - System.nanoTime(); left > 0 && over == null; left = until - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
        return over == null;
    }

    private void serve(ByteChannel channel) {
        frames.begin();
        knock = knock == 0 ? System.nanoTime() | 1 : knock + 2;
        wire.connect(channel);
        if (stopped()) {
            wire.disconnect();
            return;
        }
        try {
            knock(true);
            Session current = null;
            while (frames.read(channel) > 0) {
                current = take(current);
                if (pumpDue && current != null) {
                    pumpDue = false;
                    current.pumpAll();
                }
            }
        } catch (LinkException violation) {
            endSession(violation);
        } catch (IOException broken) {
            // A break is no error: the loop dials again.
            wire.suspend();
        } finally {
            wire.disconnect();
        }
    }

    private synchronized boolean stopped() {
        return over != null;
    }

    private void endSession(LinkException reason) {
        Session last;
        synchronized (this) {
            last = session;
        }
        if (last != null) {
            last.fail(reason);
        }
    }

    private void knock(boolean padded) {
        wire.handshake(Answer.knock(knock), padded, null);
    }

    /** Takes all frames that are whole; returns the session that is established after them. */
    private @Nullable Session take(@Nullable Session before) throws LinkException {
        var current = before;
        while (true) {
            if (current != null) {
                if (frames.next(current.tag()) == FrameReader.NOTHING) {
                    return current;
                }
                if (frames.tag() != Protocol.MAGIC) {
                    current.accept(frames);
                } else if (frames.type() == Protocol.HELLO) {
                    current = greeted();
                } else {
                    throw new LinkException("the host broke the link's protocol: an answer out of place");
                }
            } else {
                int found = frames.scanForHello(knock);
                if (found == FrameReader.NOTHING) {
                    return null;
                }
                if (found == FrameReader.FRAME) {
                    current = greeted();
                } else {
                    // The host may not have heard the knock: it had no connection, or is not the one that had.
                    knock(false);
                }
            }
        }
    }

    /** Answers a HELLO; returns the session it was for, or null when it was refused. */
    private @Nullable Session greeted() throws LinkException {
        var hello = Greeting.read(frames);
        int version = hello.common();
        if (version == 0) {
            return refuse(Protocol.NO_COMMON_VERSION, hello);
        }
        if (hello.window() < Protocol.SMALLEST_WINDOW || hello.window() > Protocol.LARGEST_WINDOW) {
            throw new LinkException("the host asks for windows of " + hello.window() + " bytes");
        }
        Session known;
        synchronized (this) {
            known = session;
        }
        boolean same = known != null && known.id().equals(hello.id());
        if (hello.resume() && !same) {
            return refuse(Protocol.UNKNOWN_SESSION, hello);
        }
        var current = same && known != null ? known : new Session(false, hello.id(), hello.window(), wire, this);
        // Nothing may be sent between taking the host's offsets and the WELCOME: it would be lost, and count as sent.
        wire.quiesce();
        String wrong = current.streams().acceptHello(hello.list());
        if (wrong != null) {
            throw new LinkException("the host broke the link's protocol: " + wrong);
        }
        if (!same) {
            begin(current);
        }
        pumpDue = true;
        wire.handshake(Answer.welcome(current, version, hello.nonce()), false, current);
        return current;
    }

    private @Nullable Session refuse(int reason, Greeting hello) {
        wire.handshake(Answer.refusal(reason, hello.nonce()), false, null);
        frames.beginScan();
        return null;
    }

    /** Makes this the session, ending the one before. */
    private void begin(Session fresh) {
        Session last;
        synchronized (this) {
            if (over != null) {
                return;
            }
            last = session;
            session = fresh;
            untaken = fresh;
            notifyAll();
        }
        fresh.agree();
        if (last != null) {
            last.fail(new LinkException("the host has begun another session"));
        }
    }
}
