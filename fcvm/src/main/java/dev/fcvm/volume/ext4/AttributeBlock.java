package dev.fcvm.volume.ext4;

import static dev.fcvm.volume.ext4.Geometry.BLOCK;

import dev.fcvm.host.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A block of extended attributes, written and read. */
final class AttributeBlock {

    static final int MAGIC = 0xEA020000;

    private static final int HEADER = 32;
    private static final int ENTRY = 16;
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";

    /** Prefixes by their number on the disk. */
    private static final Map<Integer, String> PREFIXES =
            Map.of(1, "user.", 2, ACCESS, 3, DEFAULT, 4, "trusted.", 6, "security.", 7, "system.");

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(int index, byte[] name, byte[] value) {}

    private AttributeBlock() {}

    /**
     * Returns the block.
     *
     * @param references how many inodes have it
     * @throws IOException when there is more than fits into one
     */
    static ByteBuffer of(Map<String, byte[]> attributes, int references) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
            entry(attribute.getKey(), attribute.getValue()).ifPresent(entries::add);
        }
        // The kernel looks for a name until it is past its place.
        entries.sort(Comparator.comparingInt(Entry::index)
                .thenComparingInt(entry -> entry.name().length)
                .thenComparing(Entry::name, Arrays::compareUnsigned));
        ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt(MAGIC).putInt(references).putInt(1);
        block.position(HEADER);
        int values = BLOCK;
        int hashes = 0;
        for (Entry entry : entries) {
            int padded = (entry.value().length + 3) & ~3;
            values -= padded;
            int next = block.position() + ENTRY + ((entry.name().length + 3) & ~3);
            // Four bytes of zero end the entries.
            if (next + 4 > values) {
                throw new IOException(
                        "its extended attributes are more than the " + BLOCK + " bytes ext4 has for them");
            }
            block.put(values, entry.value());
            int hash = hash(entry, block.slice(values, padded).order(ByteOrder.LITTLE_ENDIAN));
            block.put((byte) entry.name().length)
                    .put((byte) entry.index())
                    .putShort((short) (entry.value().length == 0 ? 0 : values))
                    .putInt(0)
                    .putInt(entry.value().length)
                    .putInt(hash)
                    .put(entry.name());
            block.position(next);
            hashes = (hashes << 16) ^ (hashes >>> 16) ^ hash;
        }
        block.putInt(12, hashes);
        return block.position(0);
    }

    private static int hash(Entry entry, ByteBuffer value) {
        int hash = 0;
        for (byte letter : entry.name()) {
            hash = (hash << 5) ^ (hash >>> 27) ^ (letter & 0xff);
        }
        while (value.hasRemaining()) {
            hash = (hash << 16) ^ (hash >>> 16) ^ value.getInt();
        }
        return hash;
    }

    private static Optional<Entry> entry(String name, byte[] value) throws IOException {
        if (name.equals(ACCESS)) {
            return Optional.of(new Entry(2, new byte[0], AccessList.toDisk(value)));
        }
        if (name.equals(DEFAULT)) {
            return Optional.of(new Entry(3, new byte[0], AccessList.toDisk(value)));
        }
        for (int index : new int[] {1, 4, 6}) {
            String prefix = PREFIXES.getOrDefault(index, "");
            if (name.startsWith(prefix) && name.length() > prefix.length()) {
                return Optional.of(new Entry(index, RawText.encode(name.substring(prefix.length())), value));
            }
        }
        return Optional.empty(); // of a file system of another kind, which means nothing on this one
    }

    /** Reads the entries from here on, whose values are counted from an origin. */
    static void read(ByteBuffer bytes, int from, int origin, Map<String, byte[]> into) throws IOException {
        int at = from;
        while (at + 4 <= bytes.limit() && bytes.getInt(at) != 0) {
            if (at + ENTRY > bytes.limit()) {
                throw new IOException("its extended attributes are damaged");
            }
            int length = bytes.get(at) & 0xff;
            String prefix = PREFIXES.get(bytes.get(at + 1) & 0xff);
            int offset = origin + Short.toUnsignedInt(bytes.getShort(at + 2));
            long size = Integer.toUnsignedLong(bytes.getInt(at + 8));
            if (bytes.getInt(at + 4) != 0
                    || at + ENTRY + length > bytes.limit()
                    || size > bytes.limit()
                    || offset + size > bytes.limit()
                    || prefix == null) {
                throw new IOException("its extended attributes are damaged");
            }
            byte[] name = new byte[length];
            bytes.get(at + ENTRY, name);
            byte[] value = new byte[(int) size];
            bytes.get(offset, value);
            String whole = prefix + RawText.decode(ByteBuffer.wrap(name));
            into.put(whole, prefix.startsWith("system.posix_acl") ? AccessList.fromDisk(value) : value);
            at += ENTRY + ((length + 3) & ~3);
        }
    }
}
