/**
 * What ext4 has on a disk: inodes, directories, maps of blocks, attributes, the superblock. Where these lie is the matter of
 * whoever lays out a disk: {@link dev.fcvm.host.disk.TreeDisk} from a stream of any length, and the copies and volumes of
 * machines, which are written to and read back.
 */
@NullMarked
package dev.fcvm.host.ext4;

import org.jspecify.annotations.NullMarked;
