package dev.fcvm.link;

import java.util.Arrays;

/**
 * A host's and a guest's session, driven step by step by one thread as a script says: what is written, read, delivered,
 * and where the channel breaks. So that a fuzzer can look for the order of events in which something goes wrong.
 */
final class PlayedLink {

    private static final int MOST_STREAMS = 5;

    private final PlayedSide host;
    private final PlayedSide guest;
    private final int window;
    private long nonce;
    private boolean tampered;

    PlayedLink(int window) throws Exception {
        this.window = window;
        var id = new SessionId(1, 0x5555_1234L);
        this.host = new PlayedSide(true, id, window);
        this.guest = new PlayedSide(false, id, window);
        host.add(host.session.streams().live()[0]);
        guest.add(guest.session.streams().live()[0]);
        reconnect(false, 0, 0);
    }

    /** Does what the script says, then delivers the rest and checks that all has arrived. */
    void play(Script script, boolean hostile) throws Exception {
        while (script.more()) {
            int what = script.small();
            step(what & 0x1F, (what & 0x80) != 0, script, hostile);
            host.checkMemory();
            guest.checkMemory();
        }
        settle();
        if (!tampered) {
            check(host, guest);
            check(guest, host);
        }
    }

    private void step(int what, boolean ofHost, Script script, boolean hostile) throws Exception {
        var side = ofHost ? host : guest;
        switch (what) {
            case 0, 1 -> write(side, script.small(), script.medium());
            case 2, 3 -> read(side, script.small(), script.medium());
            case 4, 5 -> deliver(side, 1 + script.small() % 8);
            case 6 -> side.pumpIfDue();
            case 7 -> open();
            case 8 -> close(side, script.small());
            case 9 -> closeInput(side, script.small());
            case 10 -> reset(side, script.small());
            case 11, 12 -> reconnect(false, script.medium(), script.medium());
            case 13, 14 -> reconnect(true, script.medium(), script.medium());
            case 15 -> breakTheGreeting(ofHost, script.medium(), script.medium());
            default -> {
                if (hostile) {
                    tamper(side, what, script.small());
                }
            }
        }
    }

    private void open() throws Exception {
        if (host.streams.size() < MOST_STREAMS) {
            host.add(host.session.openStream());
        }
    }

    private static void write(PlayedSide side, int which, int count) throws Exception {
        var stream = pick(side, which);
        if (stream != null) {
            side.write(stream, count);
        }
    }

    private static void read(PlayedSide side, int which, int most) throws Exception {
        var stream = pick(side, which);
        if (stream != null) {
            side.read(stream, most);
        }
    }

    private static void close(PlayedSide side, int which) throws Exception {
        var stream = pick(side, which);
        if (stream != null && stream.number() != Protocol.CONTROL) {
            side.of(stream.number()).closed = true;
            stream.output().close();
        }
    }

    private static void closeInput(PlayedSide side, int which) throws Exception {
        var stream = pick(side, which);
        if (stream != null && stream.number() != Protocol.CONTROL) {
            side.of(stream.number()).inputClosed = true;
            stream.input().close();
        }
    }

    private void reset(PlayedSide side, int which) {
        var stream = pick(side, which);
        if (stream != null && stream.number() != Protocol.CONTROL) {
            host.of(stream.number()).reset = true;
            guest.of(stream.number()).reset = true;
            stream.reset();
        }
    }

    private static @org.jspecify.annotations.Nullable Stream pick(PlayedSide side, int which) {
        var numbers = side.streams.keySet().toArray(Integer[]::new);
        return numbers.length == 0 ? null : side.streams.get(numbers[which % numbers.length]);
    }

    /** Delivers the next frames of a side to the other. */
    private void deliver(PlayedSide from, int most) throws Exception {
        for (int i = 0; i < most && !from.sent.isEmpty(); i++) {
            byte[] frame = from.sent.remove();
            arrive(from == host ? guest : host, frame);
        }
    }

    private void arrive(PlayedSide to, byte[] bytes) throws Exception {
        to.arrive(bytes);
        if (to == guest) {
            join();
        }
    }

    /** The guest learns of new streams from frames; its user from messages, which are left out here. */
    private void join() {
        for (var stream : guest.session.streams().live()) {
            if (!guest.streams.containsKey(stream.number())) {
                guest.add(stream);
            }
        }
    }

    /**
     * Breaks the channel and greets anew.
     *
     * @param serial whether the guest does not see the break, and finds the rest of a cut frame followed by padding
     * @param toGuest bytes that still arrive at the guest
     * @param toHost bytes that the host does not see: at a serial port the rest comes before the answer to its greeting
     */
    private void reconnect(boolean serial, int toGuest, int toHost) throws Exception {
        lose(serial, toGuest, toHost);
        greet(serial);
        deliverGreeting();
        answer();
    }

    /** Breaks once more while the greeting or its answer is under way, then greets for good. */
    private void breakTheGreeting(boolean answered, int cut, int rest) throws Exception {
        lose(true, 0, rest);
        greet(true);
        if (answered) {
            deliverGreeting();
        } else {
            // The padding whole, the greeting not.
            arrive(guest, host.sent.remove());
            byte[] hello = host.sent.remove();
            arrive(guest, Arrays.copyOf(hello, cut % hello.length));
        }
        lose(true, 0, rest);
        greet(true);
        deliverGreeting();
        answer();
    }

    private void lose(boolean serial, int toGuest, int toHost) throws Exception {
        byte[] arriving = flat(host);
        host.wire.disconnect();
        arrive(guest, Arrays.copyOf(arriving, Math.min(toGuest, arriving.length)));
        byte[] stale = flat(guest);
        if (serial) {
            guest.sent.add(Arrays.copyOfRange(stale, Math.min(toHost, stale.length), stale.length));
        } else {
            guest.wire.disconnect();
            guest.frames.begin();
        }
        host.frames.begin();
    }

    private static byte[] flat(PlayedSide side) {
        int size = side.sent.stream().mapToInt(frame -> frame.length).sum();
        var all = java.nio.ByteBuffer.allocate(size);
        side.sent.forEach(all::put);
        side.sent.clear();
        return all.array();
    }

    private void greet(boolean serial) {
        host.connect();
        if (!serial) {
            guest.connect();
        }
        nonce++;
        long fresh = nonce;
        host.wire.handshake(frame -> Greeting.put(frame, host.session, window, 0, fresh), serial, null);
    }

    /** The guest finds the greeting behind what was cut, and answers: as its endpoint does. */
    private void deliverGreeting() throws Exception {
        while (!host.sent.isEmpty()) {
            var channel = new PlayedSide.Input(host.sent.remove());
            while (channel.left() > 0 && guest.frames.read(channel) > 0) {
                while (guest.frames.next(guest.session.tag()) != FrameReader.NOTHING) {
                    if (guest.frames.tag() == Protocol.MAGIC) {
                        welcome(Greeting.read(guest.frames));
                    } else {
                        guest.session.accept(guest.frames);
                    }
                }
            }
        }
    }

    private void welcome(Greeting hello) throws LinkException {
        guest.wire.quiesce();
        var heard = hello.list().duplicate();
        heard.getInt();
        guest.acknowledgedBy(heard);
        fail(guest.session.streams().acceptHello(hello.list()));
        join();
        guest.pumpDue = true;
        guest.wire.handshake(Answer.welcome(guest.session, 2, hello.nonce()), false, guest.session);
    }

    /** The host finds the answer behind what is left from before. */
    private void answer() throws Exception {
        while (!guest.sent.isEmpty()) {
            var channel = new PlayedSide.Input(guest.sent.remove());
            while (channel.left() > 0 && host.frames.read(channel) > 0) {
                if (host.frames.scanForWelcome(nonce) == FrameReader.FRAME) {
                    var list = host.frames.payload();
                    list.getShort();
                    host.acknowledgedBy(list.duplicate());
                    fail(host.session.streams().acceptWelcome(list));
                    host.session.agree();
                    host.wire.establish(host.session);
                    host.pumpDue = true;
                    return;
                }
            }
        }
        throw new AssertionError("the host has not found the answer to its greeting");
    }

    private static void fail(@org.jspecify.annotations.Nullable String wrong) throws LinkException {
        if (wrong != null) {
            throw new LinkException("broke the link's protocol: " + wrong);
        }
    }

    /** Repeats, drops, swaps or cuts frames on their way, as only a peer that lies would. */
    private void tamper(PlayedSide side, int how, int detail) {
        if (side.sent.isEmpty() || side.sent.peek().length == 0) {
            return;
        }
        tampered = true;
        byte[] frame = side.sent.remove();
        switch (how % 5) {
            case 0 -> {
                side.sent.addFirst(frame);
                side.sent.addFirst(frame.clone());
            }
            case 1 -> side.sent.addLast(frame);
            case 2 -> side.sent.addFirst(Arrays.copyOf(frame, detail % Math.min(frame.length, Protocol.HEADER_BYTES)));
            case 3 -> {
                if (frame.length >= Protocol.HEADER_BYTES + Protocol.TRAILER_BYTES && change(frame, detail)) {
                    side.sent.addFirst(frame);
                }
            }
            default -> {
                // Lost.
            }
        }
    }

    /**
     * Changes one bit of the header or the trailer. Not of the stream or the length: data for another stream at an offset
     * that fits, and bytes that were not data, are the sender's to choose, and no lie one could see.
     */
    private static boolean change(byte[] frame, int detail) {
        int at = detail % (Protocol.HEADER_BYTES + Protocol.TRAILER_BYTES);
        frame[at < Protocol.HEADER_BYTES ? at : frame.length - 1 - (at - Protocol.HEADER_BYTES)] ^=
                (byte) (1 << detail % 8);
        return at < 8 || at >= 16;
    }

    /** Delivers, pumps and reads until nothing moves any more, with every output closed. */
    private void settle() throws Exception {
        for (var side : new PlayedSide[] {host, guest}) {
            for (var stream : side.streams.values()) {
                if (stream.number() != Protocol.CONTROL) {
                    side.of(stream.number()).closed = true;
                    stream.output().close();
                }
            }
        }
        boolean moved = true;
        while (moved) {
            moved = !host.sent.isEmpty() || !guest.sent.isEmpty() || host.pumpDue || guest.pumpDue;
            deliver(host, Integer.MAX_VALUE);
            deliver(guest, Integer.MAX_VALUE);
            for (var side : new PlayedSide[] {host, guest}) {
                side.pumpIfDue();
                for (var stream : side.streams.values()) {
                    moved |= drain(side, stream);
                }
                if (side == guest) {
                    closeNew();
                }
            }
        }
    }

    private void closeNew() throws Exception {
        for (var stream : guest.streams.values()) {
            var done = guest.of(stream.number());
            if (stream.number() != Protocol.CONTROL && !done.closed) {
                done.closed = true;
                stream.output().close();
            }
        }
    }

    private static boolean drain(PlayedSide side, Stream stream) throws Exception {
        var done = side.of(stream.number());
        long before = done.read;
        boolean endedBefore = done.ended;
        side.read(stream, 4096);
        return done.read != before || done.ended != endedBefore;
    }

    private static void check(PlayedSide reader, PlayedSide writer) {
        for (var entry : writer.traffic.entrySet()) {
            var wrote = entry.getValue();
            var got = reader.of(entry.getKey());
            if (wrote.reset || got.inputClosed) {
                continue;
            }
            if (got.read != wrote.written || got.ended != wrote.closed) {
                throw new AssertionError("stream " + entry.getKey() + ": " + wrote.written + " bytes written, "
                        + got.read + " read; closed " + wrote.closed + ", ended " + got.ended);
            }
        }
        if (writer.session.streams().live().length != 1) {
            throw new AssertionError("a stream that is over is still remembered");
        }
    }
}
