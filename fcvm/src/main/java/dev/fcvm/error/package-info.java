/** What can go wrong, in words for people. */
@NullMarked
package dev.fcvm.error;

import org.jspecify.annotations.NullMarked;
