/** JSON that somebody else has written. */
@NullMarked
package dev.fcvm.host.json;

import org.jspecify.annotations.NullMarked;
