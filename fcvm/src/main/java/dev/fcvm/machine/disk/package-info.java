/** A machine's own disk: its size, its making, and the host's free space that it must not use up. */
@NullMarked
package dev.fcvm.machine.disk;

import org.jspecify.annotations.NullMarked;
