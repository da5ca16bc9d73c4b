/** The kernel's own calls, and what the host is: the only room that knows Linux, with those below it. */
@NullMarked
package dev.fcvm.host;

import org.jspecify.annotations.NullMarked;
