package dev.fcvm.vmm.firecracker.api;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An answer of Firecracker's HTTP server, read from a connection that stays open. Bounded: a guest may have taken
 * Firecracker over.
 *
 * @param status the three digits
 * @param body empty when there is none
 */
record HttpResponse(int status, String body) {

    private static final int LINE_LIMIT = 1024;
    private static final int HEADER_LIMIT = 64;
    private static final int BODY_LIMIT = 1 << 20;
    private static final String LENGTH = "content-length:";

    /**
     * Reads exactly one answer.
     *
     * @throws IOException when it is not one, is too long, or ends too soon; the connection is then of no use
     */
    static HttpResponse read(InputStream from) throws IOException {
        int status = status(line(from));
        int length = 0;
        int headers = 0;
        for (String header = line(from); !header.isEmpty(); header = line(from)) {
            if (++headers > HEADER_LIMIT) {
                throw new IOException("firecracker sent more than %d headers".formatted(HEADER_LIMIT));
            }
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("transfer-encoding:")) {
                throw new IOException("firecracker sent a body of unknown length: " + header);
            }
            if (lower.startsWith(LENGTH)) {
                length = length(lower.substring(LENGTH.length()).strip());
            }
        }
        byte[] body = from.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("firecracker's answer ended after %d of %d bytes".formatted(body.length, length));
        }
        return new HttpResponse(status, new String(body, StandardCharsets.UTF_8));
    }

    /** Tells whether the call was done. */
    boolean succeeded() {
        return status >= 200 && status < 300;
    }

    /** The reason behind the code may be missing, and the blank before it too. */
    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("firecracker sent no HTTP answer: " + line);
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static int length(String value) throws IOException {
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) > BODY_LIMIT) {
            throw new IOException("firecracker sent a body of a length we do not take: " + value);
        }
        return Integer.parseInt(value);
    }

    private static String line(InputStream from) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = from.read(); next != '\n'; next = from.read()) {
            if (next < 0) {
                throw new EOFException("firecracker closed the connection");
            }
            if (line.length() == LINE_LIMIT) {
                throw new IOException("firecracker sent a line of more than %d bytes".formatted(LINE_LIMIT));
            }
            line.append(next >= ' ' && next < 0x7f ? (char) next : next == '\r' ? '\r' : '?');
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
    }
}
