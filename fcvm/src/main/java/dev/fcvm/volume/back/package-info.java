/** What a container changed in its copy of a directory comes back. */
@NullMarked
package dev.fcvm.volume.back;

import org.jspecify.annotations.NullMarked;
