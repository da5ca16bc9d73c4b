package dev.fcvm.host.nodes;

/**
 * What the kernel says of a file, see statx(2).
 *
 * @param kind what it is
 * @param mode the twelve lower bits of its mode
 * @param uid its owner
 * @param gid its group
 * @param size in bytes
 * @param allocated what of the disk it takes, in bytes
 * @param links how many names it has
 * @param inode its number on its device
 * @param device where it is, major and minor number
 * @param major of a device's file
 * @param minor of a device's file
 * @param accessed when it was read
 * @param modified when its content changed
 * @param changed when anything of it changed
 */
public record FileStatus(
        NodeKind kind,
        int mode,
        int uid,
        int gid,
        long size,
        long allocated,
        long links,
        long inode,
        long device,
        int major,
        int minor,
        FileTime accessed,
        FileTime modified,
        FileTime changed) {}
