/** Files and directories: locks, whole writes, holes, room on the disk. */
@NullMarked
package dev.fcvm.host.file;

import org.jspecify.annotations.NullMarked;
