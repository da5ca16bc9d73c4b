/** Named volumes: disks that outlive machines. */
@NullMarked
package dev.fcvm.volume.named;

import org.jspecify.annotations.NullMarked;
