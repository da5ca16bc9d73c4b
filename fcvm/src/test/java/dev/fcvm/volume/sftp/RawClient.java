package dev.fcvm.volume.sftp;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client that sends whatever a test wants, and a real server at the other end of two pipes. */
final class RawClient implements AutoCloseable {

    /** An answer: its type, and what is behind the number of the request. */
    record Answer(int type, ByteBuffer body) {

        int status() {
            return type == Sftp.STATUS ? body.getInt(body.position()) : Sftp.OK;
        }

        byte[] string() {
            byte[] bytes = new byte[body.getInt()];
            body.get(bytes);
            return bytes;
        }

        String text() {
            return new String(string(), StandardCharsets.UTF_8);
        }
    }

    private final PipedOutputStream requests = new PipedOutputStream();
    private final PipedInputStream answers = new PipedInputStream(1 << 20);
    private final Thread server;
    private Optional<IOException> failure = Optional.empty();
    private int last;

    RawClient(Share share) throws IOException {
        var in = new PipedInputStream(requests, 1 << 20);
        var out = new PipedOutputStream(answers);
        server = Thread.ofPlatform().daemon().start(() -> {
            try (in;
                    out) {
                SftpServer.serve(share, in, out);
            } catch (IOException e) {
                failure = Optional.of(e);
            }
        });
    }

    static RawClient of(Path directory) throws IOException {
        return new RawClient(new Share(directory, Optional.empty(), true, Identities.same()));
    }

    /** Waits for the server's end, and returns why it failed. */
    Optional<IOException> end() throws IOException, InterruptedException {
        requests.close();
        server.join();
        return failure;
    }

    void send(byte[] bytes) throws IOException {
        requests.write(bytes);
        requests.flush();
    }

    /** Sends a request, its body in pieces: byte arrays and texts as strings, integers and longs as they are. */
    Answer ask(int type, Object... pieces) throws IOException {
        var body = new ByteArrayOutputStream();
        var out = new DataOutputStream(body);
        int id = ++last;
        out.writeByte(type);
        out.writeInt(id);
        for (Object piece : pieces) {
            switch (piece) {
                case Integer number -> out.writeInt(number);
                case Long number -> out.writeLong(number);
                case byte[] bytes -> {
                    out.writeInt(bytes.length);
                    out.write(bytes);
                }
                default -> {
                    byte[] bytes = piece.toString().getBytes(StandardCharsets.UTF_8);
                    out.writeInt(bytes.length);
                    out.write(bytes);
                }
            }
        }
        send(ByteBuffer.allocate(4 + body.size())
                .putInt(body.size())
                .put(body.toByteArray())
                .array());
        return answer(id);
    }

    Answer answer(int id) throws IOException {
        int length = ByteBuffer.wrap(answers.readNBytes(4)).getInt();
        ByteBuffer packet = ByteBuffer.wrap(answers.readNBytes(length));
        int type = Byte.toUnsignedInt(packet.get());
        if (packet.getInt() != id) {
            throw new IOException("an answer to another request");
        }
        return new Answer(type, packet.slice());
    }

    /** Opens a file, and returns its handle. */
    byte[] open(Object path, int flags) throws IOException {
        Answer answer = ask(Sftp.OPEN, path, flags, 0);
        if (answer.type() != Sftp.HANDLE) {
            throw new IOException("not opened: " + answer.status());
        }
        return answer.string();
    }

    /** Returns the names in a directory. */
    List<byte[]> list(Object path) throws IOException {
        List<byte[]> names = new ArrayList<>();
        byte[] handle = ask(Sftp.OPENDIR, path).string();
        Answer answer = ask(Sftp.READDIR, (Object) handle);
        while (answer.type() == Sftp.NAME) {
            int count = answer.body().getInt();
            for (int i = 0; i < count; i++) {
                names.add(answer.string());
                answer.string();
                answer.body().position(answer.body().position() + 32);
            }
            answer = ask(Sftp.READDIR, (Object) handle);
        }
        ask(Sftp.CLOSE, (Object) handle);
        return names;
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            server.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
