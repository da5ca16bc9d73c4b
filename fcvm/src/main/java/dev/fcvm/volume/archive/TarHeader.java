package dev.fcvm.volume.archive;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.text.RawText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One file's head in an archive, pax(1): what the old form has no room for is in a record before it. */
final class TarHeader {

    static final int RECORD = 512;

    private static final String XATTR = "SCHILY.xattr.";
    private static final int NAME = 100;
    private static final long LARGEST_OCTAL = 077777777777L;
    private static final long LARGEST_ID = 07777777;

    private final byte[] path;
    private final char type;
    private final FileStatus status;
    private final long size;
    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private byte[] link = {};

    /**
     * @param path as an archive has it
     * @param type {@code 0} for a file, {@code 1} for a further name, and so on
     * @param size of what follows, in bytes
     */
    TarHeader(String path, char type, FileStatus status, long size) {
        this.path = RawText.encode(path);
        this.type = type;
        this.status = status;
        this.size = size;
        record("path", this.path, !fits(this.path));
        record("size", size, LARGEST_OCTAL);
        record("uid", Integer.toUnsignedLong(status.uid()), LARGEST_ID);
        record("gid", Integer.toUnsignedLong(status.gid()), LARGEST_ID);
        FileTime time = status.modified();
        if (time.nanos() != 0 || time.seconds() < 0 || time.seconds() > LARGEST_OCTAL) {
            records.put("mtime", ascii(text(time)));
        }
    }

    private static boolean fits(byte[] name) {
        for (byte letter : name) {
            if (letter < 0) {
                return false; // the old form has no word for the alphabet
            }
        }
        return name.length <= NAME;
    }

    /** Counted from the whole second above, as people read it: -1.25 is a quarter before it. */
    private static String text(FileTime time) {
        if (time.seconds() >= 0 || time.nanos() == 0) {
            return "%d.%09d".formatted(time.seconds(), time.nanos());
        }
        return "-%d.%09d".formatted(-(time.seconds() + 1), 1_000_000_000 - time.nanos());
    }

    private void record(String name, byte[] value, boolean wanted) {
        if (wanted) {
            records.put(name, value);
        }
    }

    private void record(String name, long value, long most) {
        record(name, ascii(Long.toString(value)), value > most);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Says where a link leads, or which file it is another name of. */
    TarHeader link(String target) {
        link = RawText.encode(target);
        record("linkpath", link, !fits(link));
        return this;
    }

    /** Adds extended attributes. */
    TarHeader attributes(Map<String, byte[]> attributes) {
        attributes.forEach((name, value) ->
                records.put(XATTR + new String(RawText.encode(name), StandardCharsets.ISO_8859_1), value));
        return this;
    }

    /** Adds a record. */
    TarHeader with(String name, String value) {
        records.put(name, RawText.encode(value));
        return this;
    }

    void write(OutputStream out) throws IOException {
        if (!records.isEmpty()) {
            var text = new ByteArrayOutputStream();
            records.forEach((name, value) -> text.writeBytes(line(name, value)));
            byte[] extended = text.toByteArray();
            out.write(block(ascii("PaxHeaders/file"), 'x', extended.length, 0644, 0, 0, 0));
            out.write(extended);
            pad(out, extended.length);
        }
        out.write(block(
                path,
                type,
                size <= LARGEST_OCTAL ? size : 0,
                status.mode(),
                Integer.toUnsignedLong(status.uid()),
                Integer.toUnsignedLong(status.gid()),
                Math.clamp(status.modified().seconds(), 0, LARGEST_OCTAL)));
    }

    /** Fills the last record of what was written. */
    static void pad(OutputStream out, long length) throws IOException {
        out.write(new byte[(int) (-length & (RECORD - 1))]);
    }

    /** A line begins with its own length. */
    private static byte[] line(String name, byte[] value) {
        int rest = name.length() + value.length + 3;
        int length = rest + Integer.toString(rest).length();
        if (Integer.toString(length).length() > Integer.toString(rest).length()) {
            length++;
        }
        var line = new ByteArrayOutputStream();
        line.writeBytes(ascii(length + " " + name + "="));
        line.writeBytes(value);
        line.write('\n');
        return line.toByteArray();
    }

    private byte[] block(byte[] name, char kind, long length, int mode, long uid, long gid, long seconds) {
        byte[] block = new byte[RECORD];
        System.arraycopy(name, 0, block, 0, Math.min(name.length, NAME));
        octal(block, 100, 8, mode);
        octal(block, 108, 8, Math.min(uid, LARGEST_ID));
        octal(block, 116, 8, Math.min(gid, LARGEST_ID));
        octal(block, 124, 12, length);
        octal(block, 136, 12, seconds);
        block[156] = (byte) kind;
        if (kind == type) {
            System.arraycopy(link, 0, block, 157, Math.min(link.length, NAME));
            octal(block, 329, 8, status.major());
            octal(block, 337, 8, status.minor());
        }
        System.arraycopy(ascii("ustar\00000"), 0, block, 257, 8);
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte one : block) {
            sum += one & 0xff;
        }
        octal(block, 148, 7, sum);
        return block;
    }

    private static void octal(byte[] block, int at, int width, long value) {
        String digits = Long.toOctalString(value);
        String padded = "0".repeat(Math.max(0, width - 1 - digits.length())) + digits;
        System.arraycopy(ascii(padded), 0, block, at, width - 1);
        block[at + width - 1] = 0;
    }
}
