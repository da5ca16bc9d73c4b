package dev.fcvm.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;

/**
 * The host's side of the connection. One thread dials, greets and sends what is due after a handshake; it may block on
 * the guest. Another reads, and never waits for anything: so the guest's writes always go on, and the two sides cannot
 * block each other.
 */
final class HostEndpoint implements Endpoint {

    private static final int READ_BYTES = 128 * 1024;

    /** Who knocks more often without having been greeted, or having said anything else, is read from only now and then. */
    private static final int FREE_KNOCKS = 16;

    private static final long KNOCKERS_PAUSE_MILLIS = 100;

    private final Dialer dialer;
    private final int window;
    private final Pace pace;
    private final SecureRandom random = new SecureRandom();
    private final Wire wire = new Wire();
    private final FrameReader frames = new FrameReader(READ_BYTES, "the guest");
    private final Session session;
    private final Thread connector = new Thread(this::connect, "fcvm-link-host");
    private boolean closed;
    private boolean broken;
    private boolean pumpDue;
    private boolean greetingDue;
    private long knock;
    private long nonce;
    /** In a row; the reading thread's alone. */
    private int knocks;

    HostEndpoint(Dialer dialer, LinkOptions options) {
        this.dialer = dialer;
        this.window = options.window();
        this.pace = new Pace(options.longestPause());
        this.session = new Session(true, SessionId.random(), window, wire, this);
    }

    Link start() {
        connector.setDaemon(true);
        connector.start();
        return session;
    }

    @Override
    public synchronized void pumpLater() {
        pumpDue = true;
        notifyAll();
    }

    @Override
    public void ended(Session over) {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        wire.disconnect();
        connector.interrupt();
    }

    private void connect() {
        try {
            while (pause()) {
                serve(dialer.dial());
            }
        } catch (IOException gone) {
            session.fail(new LinkException("there is no channel to the guest: " + gone.getMessage(), gone));
        } catch (InterruptedException stopped) {
            session.fail(new LinkException("the link has been interrupted"));
        } catch (RuntimeException | Error defect) {
            session.fail(new LinkException("the link cannot go on: " + defect, defect));
        }
    }

    /** Waits as long as the pace demands; returns whether to go on. */
    private synchronized boolean pause() throws InterruptedException {
        long until = System.nanoTime();
        until += pace.next(until);
        for (long left = until - System.nanoTime(); left > 0 && !closed; left = until - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
        return !closed;
    }

    /** Runs one connection to its end. */
    private void serve(ByteChannel channel) throws InterruptedException {
        synchronized (this) {
            if (closed) {
                Wire.close(channel);
                return;
            }
            broken = false;
            pumpDue = false;
            greetingDue = false;
            knock = 0;
            nonce = 0;
            wire.connect(channel);
        }
        frames.begin();
        knocks = 0;
        var reader = new Thread(() -> read(channel), "fcvm-link-host-reader");
        reader.setDaemon(true);
        reader.start();
        try {
            wire.handshake(this::greet, true, null);
            while (await()) {
                if (greetingDue() && pause()) {
                    wire.handshake(this::greet, false, null);
                }
                session.pumpAll();
            }
        } finally {
            wire.disconnect();
            signalBroken(); // the reader may be waiting
            reader.join();
        }
    }

    private synchronized boolean await() throws InterruptedException {
        while (!broken && !closed && !pumpDue && !greetingDue) {
            wait();
        }
        pumpDue = false;
        return !broken && !closed;
    }

    private synchronized boolean greetingDue() {
        return greetingDue;
    }

    private synchronized void greet(ByteBuffer frame) {
        greetingDue = false;
        do {
            nonce = random.nextLong();
        } while (nonce == 0);
        Greeting.put(frame, session, window, knock, nonce);
    }

    private void read(ByteChannel channel) {
        try {
            boolean established = false;
            while (frames.read(channel) > 0) {
                established = take(established);
                pauseForAKnocker();
            }
        } catch (LinkException violation) {
            session.fail(violation);
        } catch (IOException brokenChannel) {
            // A break is no error: the connector dials again.
            signalBroken();
        } catch (InterruptedException stopped) {
            session.fail(new LinkException("the link has been interrupted"));
        } catch (RuntimeException | Error defect) {
            session.fail(new LinkException("the link cannot go on: " + defect, defect));
        } finally {
            wire.disconnect();
            signalBroken();
        }
    }

    /** What it costs to read knocks that come without end is bounded by this; the guest is held up by its own. */
    private synchronized void pauseForAKnocker() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KNOCKERS_PAUSE_MILLIS);
        long left = KNOCKERS_PAUSE_MILLIS;
        while (left > 0 && knocks > FREE_KNOCKS && !broken && !closed) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        }
    }

    private synchronized void signalBroken() {
        broken = true;
        notifyAll();
    }

    /** Takes all frames that are whole; returns whether the session is established after them. */
    private boolean take(boolean before) throws LinkException {
        boolean established = before;
        while (true) {
            if (established) {
                if (frames.next(session.tag()) == FrameReader.NOTHING) {
                    return true;
                }
                if (frames.tag() != Protocol.MAGIC) {
                    knocks = 0;
                    session.accept(frames);
                } else if (frames.type() == Protocol.KNOCK && frames.length() == 0) {
                    established = !knocked(frames.offset());
                } else {
                    throw new LinkException("the guest broke the link's protocol: a greeting out of place");
                }
            } else {
                if (frames.scanForWelcome(awaited()) == FrameReader.NOTHING) {
                    return false;
                }
                if (frames.type() == Protocol.KNOCK) {
                    knocked(frames.offset());
                } else if (frames.type() == Protocol.REFUSE) {
                    throw Greeting.refusal(frames);
                } else {
                    welcome();
                    established = true;
                }
            }
        }
    }

    private synchronized long awaited() {
        return nonce;
    }

    /** Hears a knock; returns whether it is a new one, so that nothing counts until the guest has answered again. */
    private boolean knocked(long number) {
        knocks++;
        synchronized (this) {
            if (number == knock) {
                return false;
            }
            knock = number;
            nonce = 0;
            greetingDue = true;
            wire.suspend();
            notifyAll();
        }
        frames.beginScan();
        return true;
    }

    private void welcome() throws LinkException {
        var answer = frames.payload();
        int version = answer.remaining() < Short.BYTES ? 0 : answer.getShort() & 0xFFFF;
        String wrong = version < Protocol.LOWEST_VERSION || version > Protocol.HIGHEST_VERSION
                ? "a welcome in version " + version
                : session.streams().acceptWelcome(answer);
        if (wrong != null) {
            throw new LinkException("the guest broke the link's protocol: " + wrong);
        }
        synchronized (this) {
            nonce = 0;
            wire.establish(session);
            pumpDue = true;
            notifyAll();
        }
        session.agree();
    }
}
