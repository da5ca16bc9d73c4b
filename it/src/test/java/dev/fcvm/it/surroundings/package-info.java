/** Callers with odd surroundings, and other users of the same host. */
@NullMarked
package dev.fcvm.it.surroundings;

import org.jspecify.annotations.NullMarked;
