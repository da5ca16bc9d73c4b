/** What a volume holds, as a tar archive: written and read. */
@NullMarked
package dev.fcvm.volume.archive;

import org.jspecify.annotations.NullMarked;
