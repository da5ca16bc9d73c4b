/** The host's end of the link. */
@NullMarked
package dev.fcvm.agent;

import org.jspecify.annotations.NullMarked;
