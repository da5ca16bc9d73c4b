package dev.fcvm.link;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;

/** What a stream's writer holds. Each write is sent from the calling thread; there is nothing to flush. */
final class StreamOutput extends OutputStream {

    private final Stream stream;
    private final SendBuffer buffer;

    StreamOutput(Stream stream, SendBuffer buffer) {
        this.stream = stream;
        this.buffer = buffer;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int start, int length) throws IOException {
        Objects.checkFromIndexSize(start, length, from.length);
        int done = 0;
        while (done < length) {
            try {
                done += buffer.put(from, start + done, length - done);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                var cut = new InterruptedIOException("interrupted while waiting to write to stream " + stream.number());
                cut.bytesTransferred = done;
                throw cut;
            }
            stream.pump();
        }
    }

    /** Sends the end. Whether it has arrived is told by {@link LinkStream#awaitConsumed()}. */
    @Override
    public void close() {
        buffer.close();
        stream.pump();
    }
}
