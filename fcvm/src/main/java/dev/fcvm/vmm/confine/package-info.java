/** What a monitor's process is shut into, and how it is all undone. */
@NullMarked
package dev.fcvm.vmm.confine;

import org.jspecify.annotations.NullMarked;
