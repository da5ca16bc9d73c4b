package dev.fcvm.it.harness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** A layer of an image: a tar file in the making. Paths have no leading slash. */
public final class Layer {

    private static final int BLOCK = 512;
    /** 2026-01-01T00:00:00Z: the same for every file, so that the same layer has the same digest on every machine. */
    private static final long MODIFIED = 1767225600L;

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

    /** Adds a directory, owned by root. */
    public Layer directory(String path, int mode) {
        return directory(path, mode, 0, 0);
    }

    /** Adds a directory. */
    public Layer directory(String path, int mode, int uid, int gid) {
        return entry(path + "/", '5', mode, uid, gid, "", new byte[0], Map.of());
    }

    /** Adds a file with this text, owned by root. */
    public Layer file(String path, int mode, String text) {
        return file(path, mode, 0, 0, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** Adds a file with these bytes, this owner, and these extended attributes. */
    public Layer file(String path, int mode, int uid, int gid, byte[] content, Map<String, byte[]> attributes) {
        return entry(path, '0', mode, uid, gid, "", content, attributes);
    }

    /** Adds a symbolic link. */
    public Layer symlink(String path, String target) {
        return entry(path, '2', 0777, 0, 0, target, new byte[0], Map.of());
    }

    /** Adds another name for a file that this layer already has. */
    public Layer hardLink(String path, String existing) {
        return entry(path, '1', 0644, 0, 0, existing, new byte[0], Map.of());
    }

    /** Adds a named pipe. */
    public Layer pipe(String path, int mode) {
        return entry(path, '6', mode, 0, 0, "", new byte[0], Map.of());
    }

    /** Adds the device node of /dev/null's kind. */
    public Layer device(String path) {
        return entry(path, '3', 0666, 0, 0, "", new byte[0], Map.of());
    }

    /** Deletes what the layers below have at this path. */
    public Layer delete(String path) {
        int slash = path.lastIndexOf('/') + 1;
        return file(path.substring(0, slash) + ".wh." + path.substring(slash), 0644, "");
    }

    /** Hides everything the layers below have in this directory. */
    public Layer opaque(String path) {
        return file(path + "/.wh..wh..opq", 0644, "");
    }

    /** Returns the finished tar file. */
    public byte[] tar() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(tar.toByteArray());
        whole.writeBytes(new byte[2 * BLOCK]);
        return whole.toByteArray();
    }

    private Layer entry(
            String path,
            char type,
            int mode,
            int uid,
            int gid,
            String link,
            byte[] content,
            Map<String, byte[]> attributes) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > 100 || name.length != path.length()) {
            records.writeBytes(record("path", name));
        }
        attributes.forEach((key, value) -> records.writeBytes(record("SCHILY.xattr." + key, value)));
        if (records.size() > 0) {
            header("pax".getBytes(StandardCharsets.US_ASCII), 'x', 0644, 0, 0, "", records.size());
            padded(records.toByteArray());
        }
        header(name, type, mode, uid, gid, link, content.length);
        padded(content);
        return this;
    }

    /** A record of an extended header: its own length in decimal, a space, key=value and a newline. */
    private static byte[] record(String key, byte[] value) {
        int body = 1 + key.length() + 1 + value.length + 1;
        int length = body + Integer.toString(body).length();
        if (Integer.toString(length).length() > Integer.toString(body).length()) {
            length++;
        }
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        record.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.UTF_8));
        record.writeBytes(value);
        record.write('\n');
        return record.toByteArray();
    }

    private void header(byte[] name, char type, int mode, int uid, int gid, String link, int size) {
        byte[] block = new byte[BLOCK];
        System.arraycopy(name, 0, block, 0, Math.min(name.length, 100));
        octal(block, 100, 8, mode);
        octal(block, 108, 8, uid);
        octal(block, 116, 8, gid);
        octal(block, 124, 12, size);
        octal(block, 136, 12, MODIFIED);
        Arrays.fill(block, 148, 156, (byte) ' ');
        block[156] = (byte) type;
        byte[] target = link.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(target, 0, block, 157, target.length);
        System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
        octal(block, 329, 8, type == '3' ? 1 : 0);
        octal(block, 337, 8, type == '3' ? 3 : 0);
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        octal(block, 148, 7, sum);
        tar.writeBytes(block);
    }

    private static void octal(byte[] block, int at, int width, long value) {
        byte[] digits = ("%0" + (width - 1) + "o").formatted(value).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, block, at, digits.length);
        block[at + digits.length] = 0;
    }

    private void padded(byte[] content) {
        tar.writeBytes(content);
        tar.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    }
}
