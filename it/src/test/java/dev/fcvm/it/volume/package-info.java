/** Directories of the host and named volumes in machines. */
@NullMarked
package dev.fcvm.it.volume;

import org.jspecify.annotations.NullMarked;
