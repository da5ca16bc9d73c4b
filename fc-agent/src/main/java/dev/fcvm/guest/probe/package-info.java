/** Looks at what a container shows of itself: its ports and its files. */
@NullMarked
package dev.fcvm.guest.probe;

import org.jspecify.annotations.NullMarked;
