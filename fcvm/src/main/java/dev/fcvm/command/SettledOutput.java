package dev.fcvm.command;

import java.io.IOException;
import java.io.OutputStream;

/** An output whose writes may fail after they have returned. */
public abstract class SettledOutput extends OutputStream {

    /**
     * Waits until all that was written is where it goes.
     *
     * @throws IOException when it could not all be written
     */
    public abstract void settle() throws IOException;
}
