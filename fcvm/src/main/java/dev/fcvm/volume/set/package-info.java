/** All mappings of one machine. */
@NullMarked
package dev.fcvm.volume.set;

import org.jspecify.annotations.NullMarked;
