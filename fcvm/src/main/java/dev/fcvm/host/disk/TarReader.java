package dev.fcvm.host.disk;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the archive that {@link TreeDisk#archiver} writes: pax(1) with extended attributes and holes as GNU tar has
 * them. Names are bytes, held as ISO 8859-1 text.
 */
public final class TarReader {

    private static final int RECORD = 512;
    private static final int LARGEST_HEADER = 16 << 20;
    private static final int MOST_PIECES = 1 << 22;
    private static final String ATTRIBUTE = "SCHILY.xattr.";

    private final InputStream from;
    private long left;
    private int padding;

    /** Reads one from its first byte. */
    public TarReader(InputStream from) {
        this.from = from;
    }

    /** Returns the next file, or nothing at the end. What of the one before was not read is passed over. */
    public Optional<TarEntry> next() throws IOException {
        from.skipNBytes(left + padding);
        begin(0);
        PaxRecords extended = new PaxRecords(Map.of());
        while (true) {
            byte[] header = new byte[RECORD];
            if (from.readNBytes(header, 0, RECORD) < RECORD) {
                throw new EOFException("the archive of the tree is cut off");
            }
            if (header[0] == 0) {
                from.transferTo(OutputStream.nullOutputStream());
                return Optional.empty();
            }
            check(header);
            long size = extended.number("size").orElse(number(header, 124, 12));
            switch (header[156]) {
                case 'x' -> extended = PaxRecords.of(sized(number(header, 124, 12), LARGEST_HEADER));
                default -> {
                    begin(size);
                    return Optional.of(entry(header, extended, size));
                }
            }
        }
    }

    private void begin(long size) {
        left = size;
        padding = (int) (-size & (RECORD - 1));
    }

    /** Reads content of the file that was returned last. */
    public void read(byte[] to, int count) throws IOException {
        if (count > left || from.readNBytes(to, 0, count) < count) {
            throw new EOFException("the archive of the tree is cut off");
        }
        left -= count;
    }

    private static void check(byte[] header) throws IOException {
        int sum = 8 * ' ';
        for (int at = 0; at < RECORD; at++) {
            sum += at >= 148 && at < 156 ? 0 : header[at] & 0xff;
        }
        if (sum != number(header, 148, 8)) {
            throw new IOException("the archive of the tree is damaged");
        }
    }

    private byte[] sized(long size, int most) throws IOException {
        if (size > most) {
            throw new IOException("a file has a description of %d bytes".formatted(size));
        }
        byte[] bytes = from.readNBytes((int) size);
        if (bytes.length < size) {
            throw new EOFException("the archive of the tree is cut off");
        }
        from.skipNBytes(-size & (RECORD - 1));
        return bytes;
    }

    private static String text(byte[] bytes, int begin, int end) {
        return new String(bytes, begin, end - begin, StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return text(bytes, 0, bytes.length);
    }

    private static byte[] field(byte[] header, int begin, int length) {
        int end = begin;
        while (end < begin + length && header[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(header, begin, end);
    }

    private static long number(byte[] header, int begin, int length) throws IOException {
        String digits = text(field(header, begin, length)).strip();
        if (!digits.matches("[0-7]{0,21}")) {
            throw new IOException("the archive of the tree has a number that is none");
        }
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private TarEntry entry(byte[] header, PaxRecords extended, long size) throws IOException {
        byte type = header[156];
        int kind = switch (type) {
            case '0', 0, '7' -> FileMeta.REGULAR;
            case '1' -> 0;
            case '2' -> FileMeta.LINK;
            case '3' -> FileMeta.CHARACTER;
            case '4' -> FileMeta.BLOCK;
            case '5' -> FileMeta.DIRECTORY;
            case '6' -> FileMeta.FIFO;
            default -> throw new IOException("the archive of the tree has a file of type %d".formatted(type));
        };
        byte[] link = extended.bytes("linkpath").orElse(field(header, 157, 100));
        PaxRecords.Time time = extended.modified().orElse(new PaxRecords.Time(number(header, 136, 12), 0));
        FileMeta meta = new FileMeta(
                kind == 0 ? 0 : kind | ((int) number(header, 100, 8) & ~FileMeta.TYPE),
                extended.number("uid").orElse(number(header, 108, 8)),
                extended.number("gid").orElse(number(header, 116, 8)),
                time.seconds(),
                time.nanos(),
                attributes(extended));
        Optional<Long> whole = extended.number("GNU.sparse.realsize");
        List<TarEntry.Piece> data = whole.isPresent() ? pieces() : List.of(new TarEntry.Piece(0, size));
        return new TarEntry(
                inside(name(header, extended)),
                meta,
                type == '1' ? inside(link) : link,
                whole.orElse(size),
                data,
                (int) number(header, 329, 8),
                (int) number(header, 337, 8));
    }

    private static byte[] name(byte[] header, PaxRecords extended) {
        Optional<byte[]> given = extended.bytes("GNU.sparse.name").or(() -> extended.bytes("path"));
        if (given.isPresent()) {
            return given.get();
        }
        byte[] prefix = field(header, 345, 155);
        byte[] name = field(header, 0, 100);
        return prefix.length == 0 ? name : (text(prefix) + "/" + text(name)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns a path below the root, without what tar puts around it. */
    private static byte[] inside(byte[] path) throws IOException {
        String text = text(path);
        String below = text.startsWith("./") ? text.substring(2) : text.startsWith("/") ? text.substring(1) : text;
        String plain = below.endsWith("/") ? below.substring(0, below.length() - 1) : below;
        for (String part : plain.isEmpty() ? new String[0] : plain.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.length() > 255) {
                throw new IOException("the archive of the tree has a path that leads nowhere");
            }
        }
        return plain.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Map<String, byte[]> attributes(PaxRecords extended) {
        Map<String, byte[]> attributes = new HashMap<>();
        for (var record : extended.records().entrySet()) {
            if (record.getKey().startsWith(ATTRIBUTE)) {
                // GNU tar writes these two so, since a record's name ends with the first of them.
                String name = record.getKey()
                        .substring(ATTRIBUTE.length())
                        .replace("%3D", "=")
                        .replace("%25", "%");
                attributes.put(name, record.getValue());
            }
        }
        return attributes;
    }

    /** Reads the list of what is no hole, which lies before the content: numbers, each in a line. */
    private List<TarEntry.Piece> pieces() throws IOException {
        Lines lines = new Lines();
        long count = lines.number();
        if (count > MOST_PIECES) {
            throw new IOException("a file has %d holes".formatted(count));
        }
        List<TarEntry.Piece> pieces = new ArrayList<>();
        for (long at = 0; at < count; at++) {
            pieces.add(new TarEntry.Piece(lines.number(), lines.number()));
        }
        return pieces;
    }

    private final class Lines {
        private final byte[] record = new byte[RECORD];
        private int at = RECORD;

        long number() throws IOException {
            long number = 0;
            for (int digits = 0; digits <= 18; digits++) {
                if (at == RECORD) {
                    read(record, RECORD);
                    at = 0;
                }
                byte next = record[at++];
                if (next == '\n') {
                    return number;
                }
                number = number * 10 + next - '0';
            }
            throw new IOException("the archive of the tree has a damaged list of holes");
        }
    }
}
