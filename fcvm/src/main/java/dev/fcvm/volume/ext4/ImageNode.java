package dev.fcvm.volume.ext4;

import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import java.nio.ByteBuffer;

/**
 * Something in an image, as its inode says.
 *
 * @param inode its number
 * @param kind what it is
 * @param mode the twelve lower bits of its mode
 * @param uid its owner
 * @param gid its group
 * @param size in bytes, 0 or more
 * @param links how many names it has
 * @param accessed when it was read
 * @param modified when its content changed
 * @param changed when anything of it changed
 * @param raw the inode itself
 */
public record ImageNode(
        int inode,
        NodeKind kind,
        int mode,
        int uid,
        int gid,
        long size,
        int links,
        FileTime accessed,
        FileTime modified,
        FileTime changed,
        ByteBuffer raw) {}
