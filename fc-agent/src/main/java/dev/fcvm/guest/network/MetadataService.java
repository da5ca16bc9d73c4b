package dev.fcvm.guest.network;

import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Firecracker's metadata service, version 2: a token for some seconds first, then what it opens. HTTP by hand on one
 * connection, through the system calls the link needs anyway: Java's own client costs a guest's start half a second.
 */
public final class MetadataService {

    /** Where it is in every guest. */
    static final byte[] ADDRESS = {(byte) 169, (byte) 254, (byte) 169, (byte) 254};

    /** Where the host puts the plan. */
    public static final String PLAN = "/fcvm/plan";

    private static final int PORT = 80;
    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;

    /** Its answers come from the monitor's own memory. */
    private static final long TIMEOUT_SECONDS = 3;

    private static final int TOKEN_SECONDS = 60;
    private static final int LONGEST_TOKEN = 256;
    private static final int LONGEST_HEAD = 4096;
    private static final int LONGEST_ERROR = 1024;
    private static final int BUFFER_BYTES = 4096;
    private static final int ADDRESS_BYTES = 16;
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final Syscalls syscalls;
    private final byte[] address;
    private final int port;
    private final MemorySegment error = Syscalls.errorRoom();
    private final ByteBuffer buffer = Syscalls.memory(BUFFER_BYTES);
    private final long bufferAddress = Syscalls.addressOf(buffer);

    public MetadataService(Syscalls syscalls) {
        this(syscalls, ADDRESS, PORT);
    }

    /** One at another place, for tests and training. */
    public MetadataService(Syscalls syscalls, byte[] address, int port) {
        this.syscalls = syscalls;
        this.address = address.clone();
        this.port = port;
    }

    /**
     * An answer.
     *
     * @param status HTTP's
     * @param body no longer than was allowed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(int status, byte[] body) {
        String text() {
            return Console.oneLine(new String(body, StandardCharsets.UTF_8)).strip();
        }
    }

    /**
     * Returns what the service has there, as JSON of at most {@link PlanJson#MAX_BYTES}.
     *
     * @param path of the tree, from its root
     * @throws IOException when it does not answer in time, has nothing there, or too much; the message says which
     */
    public byte[] get(String path) throws IOException {
        long socket = syscalls.call("socket", error, Syscalls.SOCKET, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, 0);
        try {
            connect(socket);
            Answer answer = ask(socket, path, token(socket));
            if (answer.status() == UNAUTHORIZED) {
                // The token had its minute: this guest was stopped in between.
                answer = ask(socket, path, token(socket));
            }
            if (answer.status() == OK) {
                return answer.body();
            }
            if (answer.status() == UNAUTHORIZED) {
                throw new IOException("it takes no token: " + answer.text());
            }
            if (answer.status() == NOT_FOUND) {
                throw new IOException("it has no " + path + ": " + answer.text());
            }
            throw new IOException("it answered " + answer.status() + ": " + answer.text());
        } finally {
            syscalls.call("close", error, Syscalls.CLOSE, socket, 0, 0, 0);
        }
    }

    private Answer ask(long socket, String path, String token) throws IOException {
        return exchange(
                socket,
                "GET " + path + " HTTP/1.1\r\nAccept: application/json\r\nX-metadata-token: " + token + "\r\n\r\n",
                PlanJson.MAX_BYTES);
    }

    private String token(long socket) throws IOException {
        Answer answer = exchange(
                socket,
                "PUT /latest/api/token HTTP/1.1\r\nX-metadata-token-ttl-seconds: " + TOKEN_SECONDS + "\r\n\r\n",
                LONGEST_TOKEN);
        String token = answer.text();
        if (answer.status() != OK || token.isEmpty()) {
            throw new IOException("it gives no token (" + answer.status() + "): " + token);
        }
        return token;
    }

    private Answer exchange(long socket, String request, int longest) throws IOException {
        send(socket, request.getBytes(StandardCharsets.US_ASCII));
        byte[] received = new byte[LONGEST_HEAD];
        int count = 0;
        int head = -1;
        while (head < 0) {
            if (count >= LONGEST_HEAD) {
                throw new IOException("its answer has no end of its headers");
            }
            count += receive(socket, received, count);
            head = endOfHead(received, count);
        }
        String text = new String(received, 0, head, StandardCharsets.ISO_8859_1);
        int status = status(text);
        int length = length(text);
        // A refusal's text is shown; only a document has to be whole.
        int limit = status == OK ? longest : Math.min(longest, LONGEST_ERROR);
        if (length > limit) {
            throw new IOException("its answer is too large: " + length + " bytes, " + limit + " allowed");
        }
        byte[] body = new byte[length];
        int there = Math.min(count - head, length);
        System.arraycopy(received, head, body, 0, there);
        while (there < length) {
            there += receive(socket, body, there);
        }
        return new Answer(status, body);
    }

    private void send(long socket, byte[] bytes) throws IOException {
        buffer.put(0, bytes);
        int sent = 0;
        while (sent < bytes.length) {
            sent += (int)
                    syscalls.call("write", error, Syscalls.WRITE, socket, bufferAddress + sent, bytes.length - sent, 0);
        }
    }

    /** Receives at least one byte; what does not fit is not asked for. */
    private int receive(long socket, byte[] into, int at) throws IOException {
        int room = Math.min(BUFFER_BYTES, into.length - at);
        int count = (int) syscalls.call("read", error, Syscalls.READ, socket, bufferAddress, room, 0);
        if (count == 0) {
            throw new IOException("it ended the connection in the middle of an answer");
        }
        buffer.get(0, into, at, count);
        return count;
    }

    /** Returns where the body begins, or -1 while that is not known. */
    private static int endOfHead(byte[] received, int count) {
        for (int i = 3; i < count; i++) {
            if (received[i] == '\n' && received[i - 1] == '\r' && received[i - 2] == '\n' && received[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int status(String head) throws IOException {
        int space = head.indexOf(' ');
        if (head.startsWith("HTTP/1.") && space > 0 && head.length() >= space + 4) {
            return number(head.substring(space + 1, space + 4));
        }
        throw new IOException("it does not speak HTTP: " + Console.oneLine(head).strip());
    }

    private static int length(String head) throws IOException {
        String name = "\ncontent-length:";
        int field = head.toLowerCase(Locale.ROOT).indexOf(name);
        if (field < 0) {
            return 0;
        }
        int begin = field + name.length();
        return number(head.substring(begin, head.indexOf('\r', begin)).strip());
    }

    private static int number(String digits) throws IOException {
        try {
            return Integer.parseUnsignedInt(digits) & Integer.MAX_VALUE;
        } catch (NumberFormatException e) {
            throw new IOException("it does not speak HTTP: " + Console.oneLine(digits) + " for a number", e);
        }
    }

    private void connect(long socket) throws IOException {
        try {
            buffer.putLong(0, TIMEOUT_SECONDS).putLong(Long.BYTES, 0); // struct timeval
            for (int option = SO_RCVTIMEO; option <= SO_SNDTIMEO; option++) {
                syscalls.call(
                        "setsockopt",
                        error,
                        Syscalls.SETSOCKOPT,
                        socket,
                        SOL_SOCKET,
                        option,
                        bufferAddress,
                        2L * Long.BYTES);
            }
            NetworkCard.address(buffer, 0, address, port);
            syscalls.call("connect", error, Syscalls.CONNECT, socket, bufferAddress, ADDRESS_BYTES, 0);
        } catch (IOException e) {
            throw new IOException("it does not answer: " + Console.reason(e), e);
        }
    }
}
