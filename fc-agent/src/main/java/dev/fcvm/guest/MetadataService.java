package dev.fcvm.guest;

import dev.fcvm.plan.PlanJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Firecracker's metadata service, version 2: a token for some seconds first, then what it opens. HTTP by hand on one
 * connection, through the system calls the link needs anyway: Java's own client costs a guest's start half a second.
 */
final class MetadataService {

    /** Where it is in every guest. */
    static final byte[] ADDRESS = {(byte) 169, (byte) 254, (byte) 169, (byte) 254};

    /** Where the host puts the plan. */
    static final String PLAN = "/fcvm/plan";

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
    private static final int UNAUTHORIZED = 401;

    private final Syscalls syscalls;
    private final byte[] address;
    private final int port;
    private final MemorySegment error = Syscalls.errorRoom();

    MetadataService(Syscalls syscalls) {
        this(syscalls, ADDRESS, PORT);
    }

    /** One at another place, for tests and training. */
    MetadataService(Syscalls syscalls, byte[] address, int port) {
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
    byte[] get(String path) throws IOException {
        try (ByteChannel channel = connect()) {
            Answer answer = ask(channel, path, token(channel));
            if (answer.status() == UNAUTHORIZED) {
                // The token had its minute: this guest was stopped in between.
                answer = ask(channel, path, token(channel));
            }
            return switch (answer.status()) {
                case 200 -> answer.body();
                case UNAUTHORIZED -> throw new IOException("it takes no token: " + answer.text());
                case 404 -> throw new IOException("it has no " + path + ": " + answer.text());
                default -> throw new IOException("it answered %d: %s".formatted(answer.status(), answer.text()));
            };
        }
    }

    private Answer ask(ByteChannel channel, String path, String token) throws IOException {
        return exchange(
                channel,
                "GET " + path + " HTTP/1.1\r\nAccept: application/json\r\nX-metadata-token: " + token + "\r\n\r\n",
                PlanJson.MAX_BYTES);
    }

    private String token(ByteChannel channel) throws IOException {
        Answer answer = exchange(
                channel,
                "PUT /latest/api/token HTTP/1.1\r\nX-metadata-token-ttl-seconds: " + TOKEN_SECONDS + "\r\n\r\n",
                LONGEST_TOKEN);
        String token = answer.text();
        if (answer.status() != 200 || token.isEmpty()) {
            throw new IOException("it gives no token (%d): %s".formatted(answer.status(), token));
        }
        return token;
    }

    private Answer exchange(ByteChannel channel, String request, int longest) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        var received = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        int head = -1;
        while (head < 0) {
            if (received.size() > LONGEST_HEAD) {
                throw new IOException("its answer has no end of its headers");
            }
            receive(channel, buffer, received);
            head = received.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
        }
        String[] lines = received.toString(StandardCharsets.ISO_8859_1)
                .substring(0, head)
                .split("\r\n");
        int status = status(lines[0]);
        int length = length(lines);
        // A refusal's text is shown; only a document has to be whole.
        int limit = status == 200 ? longest : LONGEST_ERROR;
        if (length > limit) {
            throw new IOException("its answer is too large: %d bytes, %d allowed".formatted(length, limit));
        }
        int begin = head + 4;
        while (received.size() < begin + length) {
            receive(channel, buffer, received);
        }
        byte[] body = new byte[length];
        System.arraycopy(received.toByteArray(), begin, body, 0, length);
        return new Answer(status, body);
    }

    private static void receive(ByteChannel channel, ByteBuffer buffer, ByteArrayOutputStream received)
            throws IOException {
        if (channel.read(buffer.clear()) < 0) {
            throw new IOException("it ended the connection in the middle of an answer");
        }
        received.write(buffer.array(), 0, buffer.position());
    }

    private static int status(String line) throws IOException {
        String[] words = line.split(" ");
        if (words.length >= 2 && words[0].startsWith("HTTP/1.") && words[1].length() == 3) {
            return number(words[1], line);
        }
        throw new IOException("it does not speak HTTP: " + Console.oneLine(line));
    }

    private static int length(String[] lines) throws IOException {
        for (String line : lines) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return number(line.substring("content-length:".length()).strip(), line);
            }
        }
        return 0;
    }

    private static int number(String digits, String line) throws IOException {
        try {
            return Integer.parseUnsignedInt(digits) & Integer.MAX_VALUE;
        } catch (NumberFormatException e) {
            throw new IOException("it does not speak HTTP: " + Console.oneLine(line), e);
        }
    }

    private ByteChannel connect() throws IOException {
        long socket = syscalls.call("socket", error, Syscalls.SOCKET, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES, Long.BYTES);
            time.set(ValueLayout.JAVA_LONG, 0, TIMEOUT_SECONDS);
            for (int option : new int[] {SO_RCVTIMEO, SO_SNDTIMEO}) {
                syscalls.call(
                        "setsockopt",
                        error,
                        Syscalls.SETSOCKOPT,
                        socket,
                        SOL_SOCKET,
                        option,
                        time.address(),
                        2L * Long.BYTES);
            }
            MemorySegment to = arena.allocate(16, Long.BYTES);
            NetworkCard.address(to, 0, address);
            to.set(ValueLayout.JAVA_SHORT, 2, Short.reverseBytes((short) port));
            syscalls.call("connect", error, Syscalls.CONNECT, socket, to.address(), 16, 0);
            return new DescriptorChannel(syscalls, socket);
        } catch (IOException e) {
            syscalls.call("close", error, Syscalls.CLOSE, socket, 0, 0, 0);
            throw new IOException("it does not answer: " + Console.reason(e), e);
        }
    }
}
