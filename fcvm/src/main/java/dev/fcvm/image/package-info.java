/** Container images as read-only store disks, by digest; the cache. */
@NullMarked
package dev.fcvm.image;

import org.jspecify.annotations.NullMarked;
