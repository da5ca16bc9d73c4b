package dev.fcvm.link;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/** Makes the byte channel a {@link Link} runs over, at the start and each time it broke. */
@FunctionalInterface
public interface Dialer {

    /**
     * Opens the channel, blocking until it is there.
     *
     * @throws IOException when there will never be one again: the session ends
     */
    ByteChannel dial() throws IOException, InterruptedException;
}
