/** What containers are handed and nobody else is to see: the store, the flag, and what is read of them for a start. */
@NullMarked
package dev.fcvm.volume.secret;

import org.jspecify.annotations.NullMarked;
