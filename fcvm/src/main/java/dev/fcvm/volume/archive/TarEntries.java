package dev.fcvm.volume.archive;

import dev.fcvm.host.disk.PaxRecords;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.text.RawText;
import dev.fcvm.volume.ext4.SegmentedContent.Piece;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads an archive that anybody may have made: ustar, pax(1), GNU's long names, and holes as GNU tar 1.0 has them. */
final class TarEntries {

    private static final int LONGEST_RECORDS = 4 << 20;
    private static final int MOST_PIECES = 1 << 20;
    private static final String XATTR = "SCHILY.xattr.";
    private static final int DEVICE_BITS = 0xfff;

    private final FileChannel archive;
    private long at;
    private Map<String, byte[]> forAll = Map.of();

    /**
     * A file of the archive.
     *
     * @param path as it is there
     * @param further whether it is another name of the file at {@code link}
     * @param status what is known of it
     * @param link where a symbolic link leads to, or which file it is another name of
     * @param attributes extended ones
     * @param pieces where its content is in the archive
     */
    record Found(
            String path,
            boolean further,
            FileStatus status,
            String link,
            Map<String, byte[]> attributes,
            List<Piece> pieces) {}

    TarEntries(FileChannel archive) {
        this.archive = archive;
    }

    /** Returns the next file, or nothing at the end. */
    Optional<Found> next() throws IOException {
        Map<String, byte[]> records = new HashMap<>(forAll);
        while (true) {
            if (at == archive.size() && at > 0) {
                return Optional.empty(); // some leave the end out
            }
            byte[] header = read(at, TarHeader.RECORD);
            if (header[0] == 0 && isEmpty(header)) {
                return Optional.empty();
            }
            check(header);
            at += TarHeader.RECORD;
            long size = number(header, 124, 12);
            char type = (char) (header[156] & 0xff);
            switch (type) {
                case 'x' -> records.putAll(PaxRecords.of(sized(size)).records());
                case 'g' -> {
                    Map<String, byte[]> all = new HashMap<>(forAll);
                    all.putAll(PaxRecords.of(sized(size)).records());
                    forAll = Map.copyOf(all);
                    records.putAll(forAll);
                }
                case 'L' -> records.putIfAbsent("path", untilZero(sized(size)));
                case 'K' -> records.putIfAbsent("linkpath", untilZero(sized(size)));
                case 'S', 'M', 'V' ->
                    throw new IOException("it has a form of GNU tar's own; make it with tar --format=pax");
                default -> {
                    return Optional.of(found(header, type, new PaxRecords(records), size));
                }
            }
        }
    }

    private byte[] read(long from, int length) throws IOException {
        byte[] all = new byte[length];
        ByteBuffer bytes = ByteBuffer.wrap(all);
        while (bytes.hasRemaining()) {
            if (archive.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("it is cut off");
            }
        }
        return all;
    }

    private byte[] sized(long size) throws IOException {
        if (size > LONGEST_RECORDS) {
            throw new IOException("a file has a description of " + size + " bytes");
        }
        byte[] bytes = read(at, (int) size);
        at += padded(size);
        return bytes;
    }

    private static long padded(long size) {
        return (size + TarHeader.RECORD - 1) / TarHeader.RECORD * TarHeader.RECORD;
    }

    private static boolean isEmpty(byte[] header) {
        for (byte one : header) {
            if (one != 0) {
                return false;
            }
        }
        return true;
    }

    private static void check(byte[] header) throws IOException {
        int sum = 8 * ' ';
        for (int i = 0; i < header.length; i++) {
            sum += i >= 148 && i < 156 ? 0 : header[i] & 0xff;
        }
        if (sum != number(header, 148, 8)) {
            throw new IOException("it is no tar archive, or damaged");
        }
    }

    private static byte[] field(byte[] header, int from, int length) {
        return untilZero(Arrays.copyOfRange(header, from, from + length));
    }

    private static byte[] untilZero(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOf(bytes, end);
    }

    private static long number(byte[] header, int from, int length) throws IOException {
        long value = signed(header, from, length);
        if (value < 0) {
            throw new IOException("it is no tar archive, or damaged: a number is out of range");
        }
        return value;
    }

    /** Octal digits, or, where the first bit says so, a number of bytes, with a sign. */
    private static long signed(byte[] header, int from, int length) throws IOException {
        if (header[from] < 0) {
            long value = (header[from] & 0x40) == 0 ? header[from] & 0x3f : -1;
            for (int i = from + 1; i < from + length; i++) {
                value = (value << 8) | (header[i] & 0xff);
            }
            return value;
        }
        String digits = new String(field(header, from, length), StandardCharsets.ISO_8859_1).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException none) {
            throw new IOException("it is no tar archive, or damaged: a number is none", none);
        }
    }

    private Found found(byte[] header, char type, PaxRecords records, long inHeader) throws IOException {
        long size = records.number("size").orElse(inHeader);
        boolean further = type == '1';
        NodeKind kind = kind(type);
        boolean file = kind == NodeKind.FILE && !further;
        long begin = at;
        // What has no content may tell the size of what it is a name of.
        at = Math.addExact(at, file ? padded(size) : 0);
        if (at > archive.size()) {
            throw new EOFException("it is cut off");
        }
        Optional<Long> whole = records.number("GNU.sparse.realsize");
        if (records.bytes("GNU.sparse.map").isPresent()
                || records.bytes("GNU.sparse.offset").isPresent()) {
            throw new IOException("it has holes in an old form of GNU tar's; make it with tar --sparse-version=1.0");
        }
        List<Piece> pieces = !file
                ? List.of()
                : whole.isPresent() ? pieces(begin, size, whole.get()) : List.of(new Piece(0, size, begin));
        return new Found(
                RawText.decode(ByteBuffer.wrap(name(header, records))),
                further,
                status(header, kind, records, file ? whole.orElse(size) : 0),
                RawText.decode(ByteBuffer.wrap(records.bytes("linkpath").orElse(field(header, 157, 100)))),
                attributes(records),
                pieces);
    }

    private static NodeKind kind(char type) throws IOException {
        return switch (type) {
            case '0', '\0', '7', '1' -> NodeKind.FILE;
            case '2' -> NodeKind.LINK;
            case '3' -> NodeKind.CHARACTERS;
            case '4' -> NodeKind.BLOCKS;
            case '5' -> NodeKind.DIRECTORY;
            case '6' -> NodeKind.PIPE;
            default -> throw new IOException("it has a file of the unknown type " + (int) type);
        };
    }

    private static byte[] name(byte[] header, PaxRecords records) {
        Optional<byte[]> given = records.bytes("GNU.sparse.name").or(() -> records.bytes("path"));
        if (given.isPresent()) {
            return given.get();
        }
        byte[] name = field(header, 0, 100);
        boolean posix = header[257] == 'u' && header[262] == 0;
        byte[] prefix = posix ? field(header, 345, 155) : new byte[0];
        return prefix.length == 0
                ? name
                : ByteBuffer.allocate(prefix.length + 1 + name.length)
                        .put(prefix)
                        .put((byte) '/')
                        .put(name)
                        .array();
    }

    private static FileStatus status(byte[] header, NodeKind kind, PaxRecords records, long size) throws IOException {
        PaxRecords.Time given = records.modified().orElse(new PaxRecords.Time(signed(header, 136, 12), 0));
        var time = new FileTime(given.seconds(), given.nanos());
        boolean device = kind == NodeKind.CHARACTERS || kind == NodeKind.BLOCKS;
        return new FileStatus(
                kind,
                (int) number(header, 100, 8) & 07777,
                (int) (long) records.number("uid").orElse(number(header, 108, 8)),
                (int) (long) records.number("gid").orElse(number(header, 116, 8)),
                size,
                size,
                1,
                0,
                0,
                device ? (int) number(header, 329, 8) & DEVICE_BITS : 0,
                device ? (int) number(header, 337, 8) & 0xfffff : 0,
                time,
                time,
                time);
    }

    private static Map<String, byte[]> attributes(PaxRecords records) {
        Map<String, byte[]> attributes = new HashMap<>();
        records.records().forEach((name, value) -> {
            if (name.startsWith(XATTR)) {
                byte[] bytes = name.substring(XATTR.length()).getBytes(StandardCharsets.ISO_8859_1);
                attributes.put(RawText.decode(ByteBuffer.wrap(bytes)), value);
            }
        });
        return attributes;
    }

    /** Numbers in lines, as many as the first says twice over; the data follows in the next record. */
    private List<Piece> pieces(long begin, long length, long whole) throws IOException {
        var numbers = new Lines(begin, begin + length);
        long count = numbers.next();
        if (count > MOST_PIECES) {
            throw new IOException("a file has more than " + MOST_PIECES + " pieces");
        }
        List<long[]> map = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            map.add(new long[] {numbers.next(), numbers.next()});
        }
        long data = begin + padded(numbers.at - begin);
        long free = 0;
        List<Piece> pieces = new ArrayList<>();
        for (long[] one : map) {
            if (one[0] < free || one[1] > whole - one[0] || data + one[1] > begin + length) {
                throw new IOException("the list of a file's pieces is damaged");
            }
            if (one[1] > 0) {
                pieces.add(new Piece(one[0], one[1], data));
            }
            data += one[1];
            free = one[0] + one[1];
        }
        return pieces;
    }

    /** Numbers, a line each. */
    private final class Lines {

        private final long end;
        private long at;
        private ByteBuffer buffer = ByteBuffer.allocate(0);

        Lines(long from, long end) {
            this.at = from;
            this.end = end;
        }

        long next() throws IOException {
            long value = 0;
            int digits = 0;
            while (true) {
                if (!buffer.hasRemaining()) {
                    if (at >= end) {
                        throw new EOFException("it is cut off");
                    }
                    buffer = ByteBuffer.wrap(read(at, (int) Math.min(TarHeader.RECORD, end - at)));
                }
                byte letter = buffer.get();
                at++;
                if (letter == '\n' && digits > 0) {
                    return value;
                }
                if (letter < '0' || letter > '9' || ++digits > 18) {
                    throw new IOException("the list of a file's pieces is damaged");
                }
                value = value * 10 + letter - '0';
            }
        }
    }
}
