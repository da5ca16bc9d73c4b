/** What containers have written and no host has taken yet. */
@NullMarked
package dev.fcvm.guest.output;

import org.jspecify.annotations.NullMarked;
