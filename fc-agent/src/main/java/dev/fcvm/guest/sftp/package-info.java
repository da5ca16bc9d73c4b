/** Joins an SFTP client in the guest with one SFTP server of the host after the other. */
@NullMarked
package dev.fcvm.guest.sftp;

import org.jspecify.annotations.NullMarked;
