/**
 * Trees of files by directory descriptors: whatever a name is, what is done stays in its directory. Names are bytes to the
 * kernel, and {@link dev.fcvm.host.text.RawText} here.
 */
@NullMarked
package dev.fcvm.host.nodes;

import org.jspecify.annotations.NullMarked;
