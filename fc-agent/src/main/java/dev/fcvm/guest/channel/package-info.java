/** The byte channels that a host may come by: a serial port, vsock. */
@NullMarked
package dev.fcvm.guest.channel;

import org.jspecify.annotations.NullMarked;
