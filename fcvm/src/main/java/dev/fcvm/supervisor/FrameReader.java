package dev.fcvm.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Reads frames from a launcher. For one thread; a frame's payload is good until the next one is read. */
final class FrameReader {

    private final ReadableByteChannel source;
    private final ByteBuffer bytes =
            ByteBuffer.allocate(Frame.HEADER + Frame.LARGEST).flip();

    FrameReader(ReadableByteChannel source) {
        this.source = source;
    }

    /**
     * Waits for the next one.
     *
     * @return nothing at the end, also at one in the middle of a frame
     * @throws ProtocolException when what arrives is no frame of a launcher's
     */
    Optional<Frame> next() throws IOException {
        if (!fill(Frame.HEADER)) {
            return Optional.empty();
        }
        int number = bytes.get() & 0xff;
        int length = bytes.getInt();
        Frame.Type type = Frame.Type.ofLauncher(number)
                .orElseThrow(() -> new ProtocolException("a frame of no known type: " + number));
        if (length < 0 || length > Frame.LARGEST) {
            throw new ProtocolException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        if (!fill(length)) {
            return Optional.empty();
        }
        ByteBuffer payload = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return Optional.of(new Frame(type, payload));
    }

    /** Has at least so many bytes ready. */
    private boolean fill(int count) throws IOException {
        if (bytes.remaining() >= count) {
            return true;
        }
        bytes.compact();
        while (bytes.position() < count) {
            if (source.read(bytes) < 0) {
                bytes.flip();
                return false;
            }
        }
        bytes.flip();
        return true;
    }
}
