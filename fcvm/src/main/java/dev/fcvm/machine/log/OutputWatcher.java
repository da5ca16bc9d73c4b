package dev.fcvm.machine.log;

import java.nio.ByteBuffer;

/** Sees what a container writes on its way into the log: in order, and all of it. Holds the container up meanwhile. */
@FunctionalInterface
public interface OutputWatcher {

    /**
     * Sees bytes of an output.
     *
     * @param bytes from its position to its limit
     * @return whether it wants to see more
     */
    boolean wrote(Output output, ByteBuffer bytes);
}
