package dev.fcvm.host.ext4;

import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The extended attributes of a file, in the inode or a block of their own (kernel documentation,
 * filesystems/ext4/attributes).
 *
 * @param entries in the order of the kernel
 */
public record Attributes(List<Entry> entries) {

    /** Where they begin in an inode. */
    static final int INODE_BEGIN = 0xa0;

    /** How a place for them begins, in an inode or a block. */
    public static final int MAGIC = 0xea02_0000;

    private static final int HEADER = 32;
    private static final int ENTRY = 16;
    private static final List<Prefix> WRITTEN = List.of(
            new Prefix("system.posix_acl_access", 2),
            new Prefix("system.posix_acl_default", 3),
            new Prefix("user.", 1),
            new Prefix("trusted.", 4),
            new Prefix("security.", 6));

    /** The kernel's own, which are read and not written. */
    private static final Prefix SYSTEM = new Prefix("system.", 7);

    public Attributes {
        entries = List.copyOf(entries);
    }

    private record Prefix(String text, int number) {
        boolean isWhole() {
            return !text.endsWith(".");
        }
    }

    /** One of them; the name is without its prefix. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Entry(int prefix, byte[] name, byte[] value) {
        int space() {
            return padded(ENTRY + name.length) + padded(value.length);
        }

        int hash() {
            int hash = 0;
            for (byte letter : name) {
                hash = Integer.rotateLeft(hash, 5) ^ (letter & 0xff);
            }
            ByteBuffer words =
                    ByteBuffer.wrap(Arrays.copyOf(value, padded(value.length))).order(ByteOrder.LITTLE_ENDIAN);
            while (words.hasRemaining()) {
                hash = Integer.rotateLeft(hash, 16) ^ words.getInt();
            }
            return hash;
        }
    }

    /**
     * Sorts out what ext4 can hold: what else there is, is a matter of the file system the tree lay on.
     *
     * @param all by their whole names, in ISO 8859-1
     */
    public static Attributes of(Map<String, byte[]> all) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (var attribute : all.entrySet()) {
            for (Prefix prefix : WRITTEN) {
                boolean list = prefix.isWhole();
                if (list
                        ? attribute.getKey().equals(prefix.text())
                        : attribute.getKey().startsWith(prefix.text())) {
                    byte[] value = list ? AccessList.toDisk(attribute.getValue()) : attribute.getValue();
                    byte[] name =
                            attribute.getKey().substring(prefix.text().length()).getBytes(StandardCharsets.ISO_8859_1);
                    if (name.length > 255) {
                        throw new IOException("an extended attribute has a name of %d bytes".formatted(name.length));
                    }
                    entries.add(new Entry(prefix.number(), name, value));
                }
            }
        }
        entries.sort(Comparator.comparingInt(Entry::prefix)
                .thenComparingInt(entry -> entry.name().length)
                .thenComparing(Entry::name, Arrays::compareUnsigned));
        return new Attributes(entries);
    }

    private static int padded(int length) {
        return (length + 3) & ~3;
    }

    /** Whether they fit into so many bytes of an inode. */
    boolean fitInto(int space) {
        return entries.isEmpty()
                || 4 + 4 + entries.stream().mapToInt(Entry::space).sum() <= space;
    }

    void intoInode(ByteBuffer inode) {
        if (!entries.isEmpty()) {
            inode.putInt(INODE_BEGIN, MAGIC);
            put(inode, INODE_BEGIN + 4, INODE_BEGIN + 4);
        }
    }

    byte[] block() throws IOException {
        if (HEADER + 4 + entries.stream().mapToInt(Entry::space).sum() > Ext4.BLOCK) {
            throw new IOException("the extended attributes of a file are larger than the %d bytes that ext4 can hold"
                    .formatted(Ext4.BLOCK));
        }
        ByteBuffer block = ByteBuffer.allocate(Ext4.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt(MAGIC).putInt(1).putInt(1);
        int all = 0;
        for (Entry entry : entries) {
            all = Integer.rotateLeft(all, 16) ^ entry.hash();
        }
        block.putInt(all);
        put(block, HEADER, 0);
        return block.array();
    }

    /** Entries go up from the beginning, values down from the end. */
    private void put(ByteBuffer to, int begin, int origin) {
        int at = begin;
        int valueAt = to.capacity();
        for (Entry entry : entries) {
            valueAt -= padded(entry.value().length);
            to.put(valueAt, entry.value());
            to.put(at, (byte) entry.name().length);
            to.put(at + 1, (byte) entry.prefix());
            to.putShort(at + 2, (short) (entry.value().length == 0 ? 0 : valueAt - origin));
            to.putInt(at + 4, 0);
            to.putInt(at + 8, entry.value().length);
            to.putInt(at + 12, entry.hash());
            to.put(at + ENTRY, entry.name());
            at += padded(ENTRY + entry.name().length);
        }
    }

    private static Prefix prefix(int number) throws IOException {
        if (number == SYSTEM.number()) {
            return SYSTEM;
        }
        for (Prefix prefix : WRITTEN) {
            if (prefix.number() == number) {
                return prefix;
            }
        }
        throw new IOException("its extended attributes are damaged");
    }

    /** Reads the entries from here on, whose values are counted from an origin; names are {@link RawText}. */
    public static void read(ByteBuffer bytes, int from, int origin, Map<String, byte[]> into) throws IOException {
        int at = from;
        while (at + 4 <= bytes.limit() && bytes.getInt(at) != 0) {
            if (at + ENTRY > bytes.limit()) {
                throw new IOException("its extended attributes are damaged");
            }
            int length = bytes.get(at) & 0xff;
            Prefix prefix = prefix(bytes.get(at + 1) & 0xff);
            int offset = origin + Short.toUnsignedInt(bytes.getShort(at + 2));
            long size = Integer.toUnsignedLong(bytes.getInt(at + 8));
            if (bytes.getInt(at + 4) != 0
                    || at + ENTRY + length > bytes.limit()
                    || size > bytes.limit()
                    || offset + size > bytes.limit()) {
                throw new IOException("its extended attributes are damaged");
            }
            byte[] name = new byte[length];
            bytes.get(at + ENTRY, name);
            byte[] value = new byte[(int) size];
            bytes.get(offset, value);
            String whole = prefix.text() + RawText.decode(ByteBuffer.wrap(name));
            into.put(whole, prefix.isWhole() ? AccessList.fromDisk(value) : value);
            at += ENTRY + ((length + 3) & ~3);
        }
    }
}
