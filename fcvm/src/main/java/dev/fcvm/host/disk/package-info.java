/** Disks made of directory trees: an ext4 file system, written by this program from a tar stream. */
@NullMarked
package dev.fcvm.host.disk;

import org.jspecify.annotations.NullMarked;
