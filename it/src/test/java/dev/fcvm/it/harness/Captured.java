package dev.fcvm.it.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a process wrote to one of its streams.
 *
 * @param head the first bytes, at most {@link #KEPT}
 * @param length how many bytes there were in all
 * @param sha256 the digest of all of them, in hexadecimal
 */
@SuppressWarnings("ArrayRecordComponent") // Bytes are what it is about; nobody compares two of them.
public record Captured(byte[] head, long length, String sha256) {

    /** How many bytes are kept; the rest only counts and is digested. */
    public static final int KEPT = 4 << 20;

    /** Returns the digest of these bytes, as {@code sha256sum} prints it. */
    public static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(digester().digest(bytes));
    }

    /** Returns all bytes; fails when there were more than are kept. */
    public byte[] bytes() {
        if (length != head.length) {
            throw new IllegalStateException("only the first " + head.length + " of " + length + " bytes were kept");
        }
        return head;
    }

    /** Returns what was kept, as UTF-8. */
    public String text() {
        return new String(head, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        String text = text();
        return text.length() <= 4000
                ? text
                : text.substring(0, 2000) + "\n… (" + length + " bytes) …\n" + text.substring(text.length() - 2000);
    }

    static MessageDigest digester() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Collects a stream; another thread may look at what has come so far. */
    static final class Collector {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final MessageDigest digest = digester();
        private long length;

        void drain(InputStream in) throws IOException {
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                accept(buffer, count);
            }
        }

        private synchronized void accept(byte[] buffer, int count) {
            kept.write(buffer, 0, Math.min(count, KEPT - kept.size()));
            digest.update(buffer, 0, count);
            length += count;
            notifyAll();
        }

        synchronized String soFar() {
            return kept.toString(StandardCharsets.UTF_8);
        }

        synchronized long lengthSoFar() {
            return length;
        }

        /** Waits until something new has come, or for at most this long. */
        @SuppressWarnings("WaitNotInLoop") // Its caller is the loop.
        synchronized void awaitMore(long lengthSeen, long millis) throws InterruptedException {
            if (length == lengthSeen) {
                wait(millis);
            }
        }

        synchronized Captured finish() {
            return new Captured(kept.toByteArray(), length, HexFormat.of().formatHex(cloned().digest()));
        }

        private MessageDigest cloned() {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
            }
        }
    }
}
