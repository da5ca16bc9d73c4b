/** Machines that were saved: where they are kept, what is known of them, and whether they are whole. */
@NullMarked
package dev.fcvm.snapshot;

import org.jspecify.annotations.NullMarked;
