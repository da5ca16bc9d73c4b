package dev.fcvm.guest.container;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Standard error of {@code podman run}. Until there is a container, only Podman and its runtime can write there, and
 * when the runtime cannot make the container both say so, the one in the words of the other:
 *
 * <pre>
 * executable file `x` not found
 * Error: crun: executable file `x` not found: OCI runtime attempted to invoke a command that was not found
 * </pre>
 *
 * The first of these lines is left out, as a Podman does that does not pass its streams through. Everything else comes
 * as it is, at once when a container is there, else when that is decided.
 */
final class EarlyErrors extends FilterInputStream {

    /** A runtime's complaint is a line; more than this is no such thing. */
    private static final int MOST_HELD = 16 * 1024;

    /** Each look takes time from those who make the container, and the container's output does not wait for this. */
    private static final long POLL_MILLIS = 20;

    private static final String REPEATED = "Error: crun: ";

    private final BooleanSupplier undecided;
    private byte[] held = new byte[0];
    private int given;
    private boolean passing;

    /**
     * @param from Podman's standard error
     * @param undecided whether it is still open if there will be a container
     */
    EarlyErrors(InputStream from, BooleanSupplier undecided) {
        super(from);
        this.undecided = undecided;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!passing) {
            hold();
            passing = true;
        }
        if (given == held.length) {
            return super.read(target, offset, length);
        }
        int count = Math.min(length, held.length - given);
        System.arraycopy(held, given, target, offset, count);
        given += count;
        return count;
    }

    private void hold() throws IOException {
        var early = new ByteArrayOutputStream();
        var buffer = new byte[1024];
        while (undecided.getAsBoolean() && early.size() < MOST_HELD) {
            // A read would wait for what a container that says nothing never sends.
            if (in.available() == 0) {
                pause();
            } else {
                early.write(buffer, 0, in.read(buffer));
            }
        }
        while (early.size() < MOST_HELD && in.available() > 0) {
            early.write(buffer, 0, in.read(buffer));
        }
        held = withoutRepetition(early.toByteArray());
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Podman starts", e);
        }
    }

    /** Bytes are bytes: nothing is decoded but to find the line, and nothing else is changed. */
    static byte[] withoutRepetition(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> lines = text.lines().toList();
        for (String line : lines) {
            if (!line.isEmpty() && lines.stream().anyMatch(other -> other.startsWith(REPEATED + line))) {
                int start = text.startsWith(line + "\n") ? 0 : text.indexOf("\n" + line + "\n") + 1;
                return (text.substring(0, start) + text.substring(start + line.length() + 1))
                        .getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return bytes;
    }
}
