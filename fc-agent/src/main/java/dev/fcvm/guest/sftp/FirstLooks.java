package dev.fcvm.guest.sftp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of a file in the answer by which it opens it: its attributes, and all of it where that is little. Who
 * opens a file asks for just that next, and each question to the host takes longer than the host takes to answer. A look is
 * good until the client asks for a change of whatever file, and a moment at most: a change on the host is seen as soon as
 * without it.
 */
final class FirstLooks {

    private static final byte[] ASK = ByteBuffer.allocate(26)
            .putInt(1)
            .put(Packet.string("look@fcvm.dev".getBytes(StandardCharsets.US_ASCII)))
            .put(Packet.string(new byte[0]))
            .flip()
            .array();

    private static final int EXTENDED_ATTRIBUTES = 0x80000000;
    private static final int OPEN_CHANGES = ~1;
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(100);

    /** Each has 32 KiB of content at most. */
    private static final int MOST = 16;

    /**
     * One.
     *
     * @param attributes as an answer has them
     * @param content all of the file; empty where it is not there
     * @param changes how many there had been when the file was opened
     * @param time when it came
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Look(byte[] attributes, byte[] content, long changes, long time) {}

    /** By the handle. */
    private final Map<ByteBuffer, Look> looks = new LinkedHashMap<>();
    /** How many changes there had been when a request to open was taken, by its number. */
    private final Map<Integer, Long> asked = new HashMap<>();
    /** Requests that wait for the answer by which their file is opened, by the number of that one. */
    private final Map<Integer, List<Packet>> waiting = new HashMap<>();

    private final LongSupplier clock;
    private long changes;

    /**
     * @param clock nanoseconds from whenever
     */
    FirstLooks(LongSupplier clock) {
        this.clock = clock;
    }

    /** A client has asked this; returns what the server is to be asked. */
    Packet taken(Packet request) {
        if (isChange(request)) {
            changes++;
            looks.clear();
        }
        if (request.type() == Packet.CLOSE) {
            looks.remove(ByteBuffer.wrap(request.first()));
        }
        if (request.type() != Packet.OPEN || request.behindFirst().length < 2 * Integer.BYTES) {
            return request;
        }
        asked.put(request.id(), changes);
        byte[] behind = request.behindFirst();
        byte[] asking = Arrays.copyOf(behind, behind.length + ASK.length);
        asking[Integer.BYTES] |= (byte) (EXTENDED_ATTRIBUTES >>> 24);
        System.arraycopy(ASK, 0, asking, behind.length, ASK.length);
        return Packet.of(Packet.OPEN, request.id(), Packet.string(request.first()), asking);
    }

    private static boolean isChange(Packet request) {
        return switch (request.type()) {
            case Packet.INIT,
                    Packet.CLOSE,
                    Packet.READ,
                    Packet.LSTAT,
                    Packet.FSTAT,
                    Packet.OPENDIR,
                    Packet.READDIR,
                    Packet.READLINK -> false;
            case Packet.OPEN -> (request.numberBehindFirst() & OPEN_CHANGES) != 0;
            default -> true;
        };
    }

    /** Returns the answer, where it is known. */
    Optional<Packet> answer(Packet request) {
        Look look = request.type() == Packet.FSTAT || request.type() == Packet.READ
                ? looks.get(ByteBuffer.wrap(request.first()))
                : null;
        if (look == null || look.changes() != changes || clock.getAsLong() - look.time() > MOMENT) {
            return Optional.empty();
        }
        if (request.type() == Packet.FSTAT) {
            return Optional.of(attributes(request, look));
        }
        boolean known = look.content().length > 0 && request.behindFirst().length >= Long.BYTES + Integer.BYTES;
        return known ? Optional.of(read(request, look.content())) : Optional.empty();
    }

    private static Packet attributes(Packet request, Look look) {
        return Packet.of(Packet.ATTRIBUTES, request.id(), look.attributes());
    }

    private static Packet read(Packet request, byte[] content) {
        ByteBuffer wanted = ByteBuffer.wrap(request.behindFirst());
        long from = wanted.getLong();
        long length = Integer.toUnsignedLong(wanted.getInt());
        if (from < 0 || from >= content.length) {
            return Packet.of(Packet.STATUS, request.id(), Packet.number(Packet.END), new byte[2 * Integer.BYTES]);
        }
        int to = (int) Math.min(content.length, from + length);
        return Packet.of(Packet.DATA, request.id(), Packet.string(Arrays.copyOfRange(content, (int) from, to)));
    }

    /**
     * Takes a question after a file that is just being opened, which need not be sent.
     *
     * @param unanswered what the client waits for
     * @return whether it was one
     */
    boolean waits(Packet request, Iterable<Packet> unanswered) {
        if (request.type() != Packet.LSTAT) {
            return false;
        }
        for (Packet other : unanswered) {
            if (other.type() == Packet.OPEN
                    && asked.containsKey(other.id())
                    && Arrays.equals(other.first(), request.first())) {
                waiting.computeIfAbsent(other.id(), _ -> new ArrayList<>()).add(request);
                return true;
            }
        }
        return false;
    }

    /**
     * What comes of an answer.
     *
     * @param answer as the client is to get it
     * @param known answers to those that have waited for it
     * @param open those that have waited in vain, and are to be sent
     */
    record Seen(Packet answer, List<Packet> known, List<Packet> open) {}

    /** A server has answered. */
    Seen answered(Packet request, Packet answer) {
        Long then = asked.remove(request.id());
        List<Packet> waited = waiting.getOrDefault(request.id(), List.of());
        waiting.remove(request.id());
        Look look = then == null || answer.type() != Packet.HANDLE ? null : look(answer.behindFirst(), then);
        if (look == null) {
            return new Seen(answer, List.of(), waited);
        }
        looks.put(ByteBuffer.wrap(answer.first()), look);
        if (looks.size() > MOST) {
            looks.remove(looks.keySet().iterator().next());
        }
        return new Seen(
                Packet.of(Packet.HANDLE, answer.id(), Packet.string(answer.first())),
                waited.stream().map(one -> attributes(one, look)).toList(),
                List.of());
    }

    /** A server that knows of no looks gives none. */
    private @Nullable Look look(byte[] said, long changes) {
        var in = ByteBuffer.wrap(said);
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length < 0 || length > in.remaining()) {
            return null;
        }
        byte[] attributes = new byte[length];
        in.get(attributes);
        byte[] content = new byte[in.remaining()];
        in.get(content);
        return new Look(attributes, content, changes, clock.getAsLong());
    }

    /** Another server: all that waits is sent to that. */
    void forget() {
        looks.clear();
        waiting.clear();
    }
}
