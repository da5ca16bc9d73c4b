/** Machines that are suspended, and wake for whoever wants something of them. */
@NullMarked
package dev.fcvm.machine.wake;

import org.jspecify.annotations.NullMarked;
