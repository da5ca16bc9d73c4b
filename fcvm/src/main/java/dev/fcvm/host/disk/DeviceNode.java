package dev.fcvm.host.disk;

import java.util.Map;

/**
 * A device node that is to be on a disk although it is not in the tree.
 *
 * @param name in its directory, in ISO 8859-1
 * @param block whether it is a block device, not a character device
 * @param permissions the lower 12 bits of its mode
 * @param uid its user
 * @param gid its group
 * @param modified when it was made
 * @param major of its number
 * @param minor of its number
 */
public record DeviceNode(
        String name,
        boolean block,
        int permissions,
        long uid,
        long gid,
        PaxRecords.Time modified,
        int major,
        int minor) {

    FileMeta meta() {
        int kind = block ? FileMeta.BLOCK : FileMeta.CHARACTER;
        return new FileMeta(kind | (permissions & 07777), uid, gid, modified.seconds(), modified.nanos(), Map.of());
    }
}
