/** A directory that others may ask things of, and nothing outside of it. */
@NullMarked
package dev.fcvm.host.tree;

import org.jspecify.annotations.NullMarked;
