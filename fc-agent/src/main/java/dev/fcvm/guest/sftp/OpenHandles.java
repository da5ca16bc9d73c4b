package dev.fcvm.guest.sftp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a client has open, and how it was opened: enough to open it again at another server. */
final class OpenHandles {

    private static final int READ_WRITE_APPEND = 7;
    private static final int APPEND = 4;
    private static final byte[] RENAME = "posix-rename@openssh.com".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REOPEN = Packet.string("reopen@fcvm.dev".getBytes(StandardCharsets.US_ASCII));

    /** A file that is open: its path, and the flags of OPEN. */
    private record Opened(ByteBuffer path, int flags) {}

    private final Map<ByteBuffer, Opened> open = new HashMap<>();

    /** A server has answered a request. */
    void answered(Packet request, Packet answer) {
        switch (request.type()) {
            case Packet.OPEN -> {
                if (answer.type() == Packet.HANDLE) {
                    var opened = new Opened(ByteBuffer.wrap(request.first()), request.numberBehindFirst());
                    open.put(ByteBuffer.wrap(answer.first()), opened);
                }
            }
            case Packet.CLOSE -> open.remove(ByteBuffer.wrap(request.first()));
            case Packet.RENAME -> {
                if (answer.isSuccess()) {
                    renamed(request.first(), request.second());
                }
            }
            case Packet.EXTENDED -> {
                if (answer.isSuccess() && Arrays.equals(request.first(), RENAME)) {
                    renamed(request.second(), request.third());
                }
            }
            default -> {
                // Nothing else opens, closes or names a file.
            }
        }
    }

    private void renamed(byte[] from, byte[] to) {
        open.replaceAll((_, opened) -> new Opened(ByteBuffer.wrap(moved(bytes(opened.path()), from, to)), opened.flags()));
    }

    /** Returns the path that a file has when something has got another name: the file, or a directory above it. */
    private static byte[] moved(byte[] path, byte[] from, byte[] to) {
        boolean below = path.length >= from.length
                && Arrays.equals(path, 0, from.length, from, 0, from.length)
                && (path.length == from.length || path[from.length] == '/');
        if (!below) {
            return path;
        }
        byte[] now = Arrays.copyOf(to, to.length + path.length - from.length);
        System.arraycopy(path, from.length, now, to.length, path.length - from.length);
        return now;
    }

    /** Returns whether a file was opened so that each write goes to its end, wherever that is. */
    boolean appends(byte[] handle) {
        Opened opened = open.get(ByteBuffer.wrap(handle));
        return opened != null && (opened.flags() & APPEND) != 0;
    }

    /** Returns the requests that open everything again under the same handles, numbered from 0. */
    List<Packet> reopening() {
        List<Packet> requests = new ArrayList<>();
        for (Map.Entry<ByteBuffer, Opened> one : open.entrySet()) {
            requests.add(Packet.of(
                    Packet.EXTENDED,
                    requests.size(),
                    REOPEN,
                    Packet.string(bytes(one.getKey())),
                    Packet.string(bytes(one.getValue().path())),
                    Packet.number(one.getValue().flags() & READ_WRITE_APPEND)));
        }
        return requests;
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    /** A server has not opened this again: whoever uses it gets an error from now on. */
    void lost(Packet reopening) {
        open.remove(ByteBuffer.wrap(reopening.second()));
    }
}
