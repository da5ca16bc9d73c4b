/** Serves a file system of the host by NFS to one machine. */
@NullMarked
package dev.fcvm.volume.nfs;

import org.jspecify.annotations.NullMarked;
