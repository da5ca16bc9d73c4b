package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.Errno;
import dev.fcvm.host.tree.TreeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Serves a share to one client, over a plain pair of streams. What belongs to a session is its open files only, so a client
 * that was served before may go on here: see {@link Sftp#REOPEN}. A client may send whatever it likes: what is no SFTP is
 * answered so, and a packet without bounds ends the session.
 */
public final class SftpServer {

    private final InputStream in;
    private final PacketWriter out;
    private final Answers answers;
    private byte[] packet = new byte[1024];

    /** Answers single requests. */
    interface Answers {
        /**
         * Does what one asks, and writes the answer; it is sent by the caller.
         *
         * @param id the client's number of it
         * @param in what is behind that number
         * @param packet the bytes {@code in} reads from
         */
        void answer(int type, int id, PacketReader in, byte[] packet) throws MalformedPacket, TreeException;
    }

    private SftpServer(Answers answers, InputStream in, PacketWriter out) {
        this.in = in;
        this.out = out;
        this.answers = answers;
    }

    /**
     * Serves until the client has gone. Blocks in the kernel as long as the disks take, so it wants a platform thread.
     *
     * @throws TreeException when the directory cannot be opened
     * @throws IOException when a stream fails, or the client breaks the protocol
     */
    public static void serve(Share share, InputStream in, OutputStream out) throws IOException {
        try (ServedTree tree = ServedTree.open(share);
                OpenFiles open = new OpenFiles()) {
            var writer = new PacketWriter(out);
            new SftpServer(new Requests(tree, open, share.identities(), writer), in, writer).run();
        }
    }

    /** Answers each request by an I/O error until the client has gone: better than to have it wait for ever. */
    static void refuse(InputStream in, OutputStream out) throws IOException {
        Answers errors = (type, id, request, packet) -> {
            throw new TreeException("a directory that is gone", Errno.EIO);
        };
        new SftpServer(errors, in, new PacketWriter(out)).run();
    }

    private void run() throws IOException {
        int length = next();
        while (length > 0) {
            answer(new PacketReader(packet, length));
            length = next();
        }
    }

    /** Reads one packet, and returns its length; 0 when the client has gone. */
    private int next() throws IOException {
        byte[] size = in.readNBytes(Integer.BYTES);
        if (size.length == 0) {
            return 0;
        }
        int length = size.length < Integer.BYTES ? 0 : new PacketReader(size, size.length).number();
        if (length <= 0 || length > Sftp.LONGEST_PACKET) {
            throw new MalformedPacket("a packet of " + Integer.toUnsignedString(length) + " bytes");
        }
        if (packet.length < length) {
            packet = new byte[Math.max(length, Math.min(2 * packet.length, Sftp.LONGEST_PACKET))];
        }
        if (in.readNBytes(packet, 0, length) < length) {
            throw new EOFException("the client went in the middle of a packet");
        }
        return length;
    }

    private void answer(PacketReader request) throws IOException {
        int type = request.type();
        if (type == Sftp.INIT) {
            greet();
            return;
        }
        int id;
        try {
            id = request.number();
        } catch (MalformedPacket nameless) {
            throw new MalformedPacket("a request without a number");
        }
        try {
            answers.answer(type, id, request, packet);
        } catch (TreeException refused) {
            status(id, Sftp.status(refused));
        } catch (MalformedPacket malformed) {
            status(id, Sftp.BAD_MESSAGE);
        }
        out.send();
    }

    private void status(int id, int status) {
        Requests.status(out, id, status);
    }

    private void greet() throws IOException {
        out.begin(Sftp.VERSION_REPLY, Sftp.VERSION);
        out.string(Sftp.POSIX_RENAME).string("1");
        out.string(Sftp.STATVFS).string("2");
        out.string(Sftp.HARDLINK).string("1");
        out.string(Sftp.FSYNC).string("1");
        out.string(Sftp.REOPEN).string("1");
        out.send();
    }
}
