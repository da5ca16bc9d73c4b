/** Processes that outlive their starter, with their output and their exit code in files. */
@NullMarked
package dev.fcvm.host.kept;

import org.jspecify.annotations.NullMarked;
