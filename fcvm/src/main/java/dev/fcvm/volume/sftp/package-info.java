/** Serves one directory of the host by SFTP (version 3) to a guest that is not trusted. */
@NullMarked
package dev.fcvm.volume.sftp;

import org.jspecify.annotations.NullMarked;
