/** Directories as disks: copied into the machine, and back when it ends. */
@NullMarked
package dev.fcvm.volume.block;

import org.jspecify.annotations.NullMarked;
