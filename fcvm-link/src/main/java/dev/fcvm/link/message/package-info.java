/** The control messages: what they say, and how they are written. */
@NullMarked
package dev.fcvm.link.message;

import org.jspecify.annotations.NullMarked;
