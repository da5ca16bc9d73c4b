/** How much an image may take: of the disk, in bytes, in files, in time. */
@NullMarked
package dev.fcvm.image.bounds;

import org.jspecify.annotations.NullMarked;
