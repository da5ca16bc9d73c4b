/** The agent in real machines, as the host's end of the link sees it. */
@NullMarked
package dev.fcvm.it.guest;

import org.jspecify.annotations.NullMarked;
