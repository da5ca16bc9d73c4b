package dev.fcvm.machine.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.Optional;

/**
 * The layout of one file of a log: a header that says at which position of the outputs the file begins, and at which the
 * container was last started, then records. A record is the output's number (0: the container is started here), three
 * zero bytes, its length, the time in nanoseconds since 1970, and its bytes; numbers are big-endian. What was being
 * written when its writer was killed is a record that the file does not hold whole.
 */
final class Segment {

    static final int HEADER = 40;
    static final int RECORD_HEADER = 16;

    /** The longest record that is read: more than any writer writes at once. */
    static final int LONGEST = 1 << 20;

    private static final long MAGIC = 0x4643_564d_4c4f_4701L; // "FCVMLOG", version 1
    private static final long NANOS = 1_000_000_000L;

    private Segment() {}

    /**
     * What a file's header says.
     *
     * @param start where the file begins
     * @param run where the container was last started before
     */
    record Header(Position start, Position run) {}

    /** Returns the bytes of a header. */
    static ByteBuffer bytes(Header header) {
        return ByteBuffer.allocate(HEADER)
                .putLong(MAGIC)
                .putLong(header.start().stdout())
                .putLong(header.start().stderr())
                .putLong(header.run().stdout())
                .putLong(header.run().stderr())
                .flip();
    }

    /**
     * Returns the header of a record.
     *
     * @param output nothing for one that says that the container is started
     */
    static ByteBuffer recordHeader(Optional<Output> output, int length, Instant time) {
        return ByteBuffer.allocate(RECORD_HEADER)
                .putInt(output.map(Output::number).orElse(0) << 24)
                .putInt(length)
                .putLong(Math.multiplyExact(time.getEpochSecond(), NANOS) + time.getNano())
                .flip();
    }

    /**
     * Reads a file's header.
     *
     * @throws IOException when it is no log
     */
    static Header header(FileChannel file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (!fill(file, header, 0) || header.getLong(0) != MAGIC) {
            throw new IOException("it is no log of this version");
        }
        return new Header(position(header, 8), position(header, 24));
    }

    private static Position position(ByteBuffer header, int at) {
        return new Position(Math.max(0, header.getLong(at)), Math.max(0, header.getLong(at + 8)));
    }

    /** Returns the record at an offset of the file; nothing when there is none, or not the whole of it. */
    static Optional<LogRecord> read(FileChannel file, long offset) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(RECORD_HEADER);
        if (!fill(file, header, offset)) {
            return Optional.empty();
        }
        int length = header.getInt(4);
        Optional<Output> output = output(header.getInt(0));
        if (length < 0 || length > LONGEST) {
            throw new IOException("a record of it has a length of " + length);
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (!fill(file, bytes, offset + RECORD_HEADER)) {
            return Optional.empty();
        }
        long nanos = header.getLong(8);
        Instant time = Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
        return Optional.of(new LogRecord(time, output, bytes.array()));
    }

    private static Optional<Output> output(int word) throws IOException {
        if (word == 0) {
            return Optional.empty();
        }
        for (Output output : Output.values()) {
            if (word == output.number() << 24) {
                return Optional.of(output);
            }
        }
        throw new IOException("a record of it belongs to no output");
    }

    private static boolean fill(FileChannel file, ByteBuffer buffer, long offset) throws IOException {
        try {
            while (buffer.hasRemaining()) {
                if (file.read(buffer, offset + buffer.position()) < 0) {
                    return false;
                }
            }
            return true;
        } catch (EOFException shorter) {
            return false;
        }
    }
}
