/** What a machine's monitor is shut into, looked at from outside while a container runs in the machine. */
@NullMarked
package dev.fcvm.it.confine;

import org.jspecify.annotations.NullMarked;
