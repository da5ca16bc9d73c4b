/** A machine in the hands of this process: from its boot to its end. */
@NullMarked
package dev.fcvm.machine.live;

import org.jspecify.annotations.NullMarked;
