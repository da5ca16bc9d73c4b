package dev.fcvm.vmm.qemu;

import dev.fcvm.vmm.process.Deadline;
import dev.fcvm.vmm.process.UnixSockets;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * What QEMU saves of a machine: one stream with its devices and of its memory what is not zero. The stream goes over a Unix
 * socket: QEMU may open no file and start no process, and every version of it can do that.
 *
 * <p>Source: <a href="https://www.qemu.org/docs/master/devel/migration/main.html">QEMU, migration</a>.
 */
final class SavedMachine {

    /** For the stream as a whole. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int PIECE = 1 << 20;

    private SavedMachine() {}

    /**
     * Has QEMU save its machine, which stands still, and keeps what it sends.
     *
     * @param socket on which it is waited for; nobody but QEMU gets into its directory
     * @param inside the same as QEMU sees it
     * @param file to be made
     * @param most how many bytes are taken at most
     * @throws IOException when QEMU refuses, fails, sends more, or takes too long; the machine can go on
     */
    static void write(QmpClient qemu, Path socket, Path inside, Path file, long most)
            throws IOException, InterruptedException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            // QEMU has a user of its own.
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
            qemu.execute("migrate-set-parameters", "{\"max-bandwidth\":%d}".formatted(Long.MAX_VALUE));
            qemu.execute("migrate", "{\"uri\":\"unix:%s\"}".formatted(inside));
            try (SocketChannel from = accepted(listener);
                    Deadline saved = Deadline.closing(from, LONGEST);
                    FileChannel into = FileChannel.open(
                            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                copy(from, into, most);
                awaitDone(qemu, saved);
            }
        } catch (ClosedByInterruptException e) {
            throw UnixSockets.interrupted(e);
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /**
     * Has QEMU, which waits for it, take what another has saved.
     *
     * @param expected whether QEMU still runs
     * @throws IOException when QEMU refuses it, fails, or takes too long
     */
    static void read(QmpClient qemu, Path socket, Path file, BooleanSupplier expected)
            throws IOException, InterruptedException {
        try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
                SocketChannel into = UnixSockets.connect(socket, expected, CONNECT_PATIENCE);
                Deadline taken = Deadline.closing(into, LONGEST)) {
            copy(from, into, Long.MAX_VALUE);
            into.shutdownOutput();
            awaitDone(qemu, taken);
        } catch (ClosedByInterruptException e) {
            throw UnixSockets.interrupted(e);
        }
    }

    private static SocketChannel accepted(ServerSocketChannel listener) throws IOException {
        try (Deadline _ = Deadline.closing(listener, CONNECT_PATIENCE)) {
            return listener.accept();
        }
    }

    private static void copy(ReadableByteChannel from, WritableByteChannel into, long most) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        long left = most;
        while (from.read(piece) >= 0) {
            piece.flip();
            left -= piece.remaining();
            if (left < 0) {
                throw new IOException("QEMU sent more than the machine can have in its memory");
            }
            while (piece.hasRemaining()) {
                into.write(piece);
            }
            piece.clear();
        }
    }

    private static void awaitDone(QmpClient qemu, Deadline deadline) throws IOException, InterruptedException {
        while (!deadline.passed()) {
            QmpMessage.Done answer = qemu.execute("query-migrate");
            switch (answer.status()) {
                case "completed" -> {
                    return;
                }
                case "failed", "cancelled" ->
                    throw new IOException(
                            answer.problem().isEmpty() ? "QEMU says no more than that it failed" : answer.problem());
                default -> Thread.sleep(PAUSE);
            }
        }
        throw new EOFException("QEMU took longer than %d minutes".formatted(LONGEST.toMinutes()));
    }
}
