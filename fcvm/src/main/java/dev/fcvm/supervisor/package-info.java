/** The process that runs commands for launchers, and that owns the machines. */
@NullMarked
package dev.fcvm.supervisor;

import org.jspecify.annotations.NullMarked;
