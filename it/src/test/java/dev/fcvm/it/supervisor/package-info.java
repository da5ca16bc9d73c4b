/** Commands that run in the supervisor, by the real launcher: as one user sees them. */
@NullMarked
package dev.fcvm.it.supervisor;

import org.jspecify.annotations.NullMarked;
