/** What of the host is put at a path of a container: directories, named volumes. */
@NullMarked
package dev.fcvm.volume;

import org.jspecify.annotations.NullMarked;
