package dev.fcvm.host.tree;

/**
 * How much room a file system has, as statfs(2) tells.
 *
 * @param blockSize in bytes
 * @param blocks all there are
 * @param free those without a file
 * @param available those of them that an ordinary user may have
 * @param files all inodes
 * @param freeFiles those without a file
 * @param identity the file system's
 * @param longestName in bytes
 */
public record Space(
        long blockSize,
        long blocks,
        long free,
        long available,
        long files,
        long freeFiles,
        long identity,
        long longestName) {}
