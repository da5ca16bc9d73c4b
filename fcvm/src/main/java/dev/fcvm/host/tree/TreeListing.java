package dev.fcvm.host.tree;

import dev.fcvm.host.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** An open directory of a tree, read from its begin to its end. For one thread. */
public final class TreeListing implements AutoCloseable {

    private static final int SYS_GETDENTS64 = 217;

    /** Some 200 names of ordinary length. */
    private static final int BUFFER = 8 * 1024;

    private static final int LENGTH_AT = 16;
    private static final int NAME_AT = 19;

    /** One file in it. */
    public static final class Entry {

        private final byte[] name;
        private final FileStatus status;

        Entry(byte[] name, FileStatus status) {
            this.name = name;
            this.status = status;
        }

        /** Returns its name, which is nobody else's to change. */
        public byte[] name() {
            return name;
        }

        /** Returns what it was when it was looked at. */
        public FileStatus status() {
            return status;
        }
    }

    private final Descriptor directory;

    TreeListing(Descriptor directory) {
        this.directory = directory;
    }

    /** Returns what the directory is. */
    public FileStatus status() throws TreeException {
        return directory.status();
    }

    /**
     * Returns the next entries; none at the end. What goes meanwhile is left out. Of {@code ..} it says what it says of
     * {@code .}: what is above the tree's root is nobody's business.
     */
    public List<Entry> next() throws TreeException {
        List<Entry> entries = new ArrayList<>();
        List<byte[]> names = names();
        while (!names.isEmpty() && entries.isEmpty()) {
            for (byte[] name : names) {
                look(name, entries);
            }
            if (entries.isEmpty()) {
                names = names();
            }
        }
        return entries;
    }

    private void look(byte[] name, List<Entry> entries) throws TreeException {
        if (name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'))) {
            entries.add(new Entry(name, directory.status()));
            return;
        }
        try {
            entries.add(new Entry(name, directory.statusOf(name)));
        } catch (TreeException e) {
            if (e.number() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private List<byte[]> names() throws TreeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
            long length = Descriptor.checked(
                    "getdents", NativeCalls.call(SYS_GETDENTS64, directory.number(), buffer.address(), BUFFER, 0, 0));
            List<byte[]> names = new ArrayList<>();
            long at = 0;
            while (at < length) {
                int size = Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, at + LENGTH_AT));
                names.add(text(buffer.asSlice(at + NAME_AT, size - NAME_AT)));
                at += size;
            }
            return names;
        }
    }

    private static byte[] text(MemorySegment name) {
        int length = 0;
        while (name.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
        }
        return name.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        directory.close();
    }
}
