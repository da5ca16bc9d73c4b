package dev.fcvm.machine.inside;

import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;

/** What was read could not be written: not where it comes from is in the way, but where it goes. */
public final class Unwritten extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final int PIECE = 1 << 16;

    private final IOException why;

    private Unwritten(IOException why) {
        super(IoReason.of(why), why);
        this.why = why;
    }

    /** Returns what the writer said. */
    public IOException why() {
        return why;
    }

    /** Carries all there is from one to the other. */
    static void carry(InputStream from, OutputStream to) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            try {
                to.write(piece, 0, count);
            } catch (IOException failure) {
                throw new Unwritten(failure);
            }
        }
    }

    /** Returns what writes there, and says of itself when it could not. */
    static OutputStream marking(OutputStream to) {
        return new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    to.write(bytes, offset, length);
                } catch (IOException failure) {
                    throw new Unwritten(failure);
                }
            }

            @Override
            public void flush() throws IOException {
                try {
                    to.flush();
                } catch (IOException failure) {
                    throw new Unwritten(failure);
                }
            }
        };
    }
}
