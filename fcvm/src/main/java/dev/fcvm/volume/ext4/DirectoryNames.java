package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** The names in a block of a directory, which somebody may have written who is not trusted. */
final class DirectoryNames {

    /** What a name takes beside its characters: in a map and in a set. */
    private static final long NAME = 200;

    private DirectoryNames() {}

    /** Returns how much memory a name takes, about, in bytes. */
    static long weight(String name) {
        return NAME + 2L * name.length();
    }

    /**
     * Reads them.
     *
     * @param into the names, with the inodes they stand for
     * @return how much memory they take, about, in bytes
     * @throws IOException when the block is damaged: a name that could lead elsewhere is damage
     */
    static long read(ByteBuffer block, Map<String, Integer> into) throws IOException {
        long weight = 0;
        int at = 0;
        while (at + 8 <= BLOCK) {
            int length = Short.toUnsignedInt(block.getShort(at + 4));
            int nameLength = block.get(at + 6) & 0xff;
            // 65,536 does not fit.
            int whole = length == 0xffff || length == 0 ? BLOCK : length;
            if (whole < 8 || whole % 4 != 0 || at + whole > BLOCK) {
                throw new IOException("the directory is damaged");
            }
            int inode = block.getInt(at);
            if (inode != 0 && nameLength > 0) {
                if (8 + nameLength > whole) {
                    throw new IOException("the directory is damaged");
                }
                byte[] bytes = new byte[nameLength];
                block.get(at + 8, bytes);
                String name = RawText.decode(ByteBuffer.wrap(bytes));
                if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
                    throw new IOException("the directory holds a name that leads out of it");
                }
                if (!name.equals(".") && !name.equals("..")) {
                    into.put(name, inode);
                    weight += weight(name);
                }
            }
            at += whole;
        }
        return weight;
    }
}
