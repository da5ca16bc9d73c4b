/** Machines that are restored and stand still until somebody takes one of them. */
@NullMarked
package dev.fcvm.machine.pool;

import org.jspecify.annotations.NullMarked;
