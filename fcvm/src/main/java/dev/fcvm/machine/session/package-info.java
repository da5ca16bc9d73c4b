/** The talk with a machine's agent while its container runs, and those who watch. */
@NullMarked
package dev.fcvm.machine.session;

import org.jspecify.annotations.NullMarked;
