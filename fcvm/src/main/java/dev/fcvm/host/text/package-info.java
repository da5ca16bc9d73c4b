/** Text that is not ours: made safe to print, or kept byte by byte. */
@NullMarked
package dev.fcvm.host.text;

import org.jspecify.annotations.NullMarked;
