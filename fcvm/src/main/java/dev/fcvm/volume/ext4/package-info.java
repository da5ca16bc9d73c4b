/**
 * ext4 file systems in image files, written and read without a mount and without a tool. What is read may come from a
 * guest: whatever is wrong with it is an {@link java.io.IOException}, and no more is done or held than the image has room
 * for. See "Directory mappings" in docs/architecture.md.
 */
@NullMarked
package dev.fcvm.volume.ext4;

import org.jspecify.annotations.NullMarked;
