/** Processes: started, found, told apart, ended; the tools that are run, and what they are given of a caller. */
@NullMarked
package dev.fcvm.host.process;

import org.jspecify.annotations.NullMarked;
