/** Ports of the host, and who holds them. */
@NullMarked
package dev.fcvm.host.port;

import org.jspecify.annotations.NullMarked;
