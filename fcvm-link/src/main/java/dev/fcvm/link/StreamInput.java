package dev.fcvm.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;

/** What a stream's reader holds. Closing it drops what is there and what will still come. */
final class StreamInput extends InputStream {

    private final Stream stream;
    private final ReceiveBuffer buffer;

    StreamInput(Stream stream, ReceiveBuffer buffer) {
        this.stream = stream;
        this.buffer = buffer;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int start, int length) throws IOException {
        Objects.checkFromIndexSize(start, length, into.length);
        if (length == 0) {
            return 0;
        }
        try {
            int count = buffer.read(into, start, length);
            stream.pumpReceived();
            return count;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for stream " + stream.number());
        }
    }

    @Override
    public int available() {
        return buffer.availableNow();
    }

    @Override
    public void close() {
        buffer.discard();
        stream.pumpReceived();
    }
}
