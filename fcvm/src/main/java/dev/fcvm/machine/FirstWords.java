package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Keeps the first that is written to it, for who may want it; what comes later is dropped. */
final class FirstWords extends OutputStream {

    /** Podman and its runtime say a line or two. */
    private static final int MOST = 16 * 1024;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int one) {
        if (kept.size() < MOST) {
            kept.write(one);
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        kept.write(bytes, offset, Math.min(length, MOST - kept.size()));
    }

    /** Writes it there. */
    synchronized void tell(OutputStream target) throws FcvmException {
        try {
            kept.writeTo(target);
            target.flush();
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot say why the container does not run: " + IoReason.of(failure) + "; see: fcvm logs",
                    failure);
        }
    }
}
