package dev.fcvm.link;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A pair of byte streams, one each way, multiplexed with others on a {@link Link}. Reading slowly holds the writer back
 * (its window fills); it never costs more memory than the window.
 */
public interface LinkStream {

    /** The most bytes that one frame carries. Who has many sends the fewest frames in multiples of it. */
    int FRAME = Protocol.LONGEST_PAYLOAD;

    /** Returns the number by which both ends know the stream; at least 1. */
    int number();

    /** Returns the bytes that come from the peer. Its end is the peer's {@code output().close()}. */
    InputStream input();

    /** Returns where bytes for the peer go. {@code close()} sends the end; {@code flush()} does not wait for the peer. */
    OutputStream output();

    /** Waits until the peer has consumed everything written so far, its end included if closed. */
    void awaitConsumed() throws LinkException, InterruptedException;

    /** Abandons both directions: the peer's writer gets an error, our reader an end. Idempotent. */
    void reset();
}
