package dev.fcvm.image.layer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The lines of a layer's headers as containers-storage keeps them, of which there are two for each file: what most of
 * them say is told without reading them as JSON, which would take longer than all else that is done with a layer of
 * small files.
 */
final class HeaderLines implements Closeable {

    /** Where the kind of a file is in its header. */
    static final int KIND = 156;

    private static final int RECORD = 512;
    private static final int LONGEST = 64 << 20;
    private static final byte[] ENTRY = bytes("\"type\":1,");
    private static final byte[] HEADERS = bytes("{\"type\":2,\"payload\":\"");

    private final InputStream from;
    private byte[] buffer = new byte[1 << 18];
    private int begin;
    private int end;
    private int next;
    private int filled;

    HeaderLines(InputStream from) {
        this.from = from;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Goes to the next line; returns false when there is none. */
    boolean next() throws IOException {
        begin = next;
        end = begin;
        while (true) {
            while (end < filled && buffer[end] != '\n') {
                end++;
            }
            if (end < filled) {
                next = end + 1;
                return true;
            }
            if (!fill()) {
                next = end;
                return end > begin;
            }
        }
    }

    /** Reads on behind what is there of this line. */
    private boolean fill() throws IOException {
        int kept = filled - begin;
        if (kept > LONGEST) {
            throw new IOException("a layer has a header that is too large");
        }
        byte[] to = kept > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
        System.arraycopy(buffer, begin, to, 0, kept);
        buffer = to;
        end -= begin;
        begin = 0;
        int count = from.readNBytes(buffer, kept, buffer.length - kept);
        filled = kept + count;
        return count > 0;
    }

    /** Returns whether the line is surely of an entry: the line before it holds the entry's headers. */
    boolean isEntry() {
        for (int at = begin; at + ENTRY.length <= end && at < begin + 2; at++) {
            if (Arrays.equals(buffer, at, at + ENTRY.length, ENTRY, 0, ENTRY.length)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the line surely holds headers, in the form in which containers-storage writes it. */
    boolean isHeaders() {
        int base = begin + HEADERS.length;
        return base < end && Arrays.equals(buffer, begin, base, HEADERS, 0, HEADERS.length) && quote() < end;
    }

    private int quote() {
        int quote = begin + HEADERS.length;
        while (quote < end && buffer[quote] != '"') {
            quote++;
        }
        return quote;
    }

    /** Returns the kind of the file whose headers the line holds, as it stands in the last of them; else 0. */
    int kind() throws IOException {
        int base = begin + HEADERS.length;
        int length = quote() - base;
        int padding = 0;
        while (padding < 2 && padding < length && buffer[base + length - 1 - padding] == '=') {
            padding++;
        }
        int at = length / 4 * 3 - padding - RECORD + KIND;
        int group = base + at / 3 * 4;
        return at < KIND ? 0 : decoded(group, group + 4)[at % 3];
    }

    /** Returns the headers that the line holds. */
    byte[] headers() throws IOException {
        return decoded(begin + HEADERS.length, quote());
    }

    private byte[] decoded(int from, int to) throws IOException {
        try {
            return Base64.getDecoder().decode(Arrays.copyOfRange(buffer, from, to));
        } catch (IllegalArgumentException e) {
            throw new IOException("the headers of a layer are damaged", e);
        }
    }

    /** Returns the line. */
    String text() {
        return new String(buffer, begin, end - begin, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        from.close();
    }
}
