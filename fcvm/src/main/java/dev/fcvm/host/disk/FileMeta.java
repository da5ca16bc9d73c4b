package dev.fcvm.host.disk;

import dev.fcvm.host.user.StrangersMap;
import java.util.Map;

/**
 * What is known of a file beside its content.
 *
 * @param mode type and permissions, as in stat(2)
 * @param uid its user
 * @param gid its group
 * @param seconds when it was changed, since 1970; what ext4 cannot hold (1901 to 2446) becomes the nearest it can
 * @param nanos the rest of that, 0 to 999,999,999
 * @param attributes extended attributes, by their names in ISO 8859-1
 */
public record FileMeta(int mode, long uid, long gid, long seconds, int nanos, Map<String, byte[]> attributes) {

    /** The bits of a mode that say what it is, inode(7). */
    public static final int TYPE = 0170000;

    public static final int FIFO = 0010000;
    public static final int CHARACTER = 0020000;
    public static final int DIRECTORY = 0040000;
    public static final int BLOCK = 0060000;
    public static final int REGULAR = 0100000;
    public static final int LINK = 0120000;

    /** Copies the attributes. */
    public FileMeta {
        attributes = StrangersMap.copyOf(attributes);
    }

    /** The kind of file, as directories tell it. */
    int kind() {
        return switch (mode & TYPE) {
            case REGULAR -> 1;
            case DIRECTORY -> 2;
            case CHARACTER -> 3;
            case BLOCK -> 4;
            case FIFO -> 5;
            case LINK -> 7;
            default -> 0;
        };
    }
}
