/** Ports of the host: who has them, and how they are held until they are used. */
@NullMarked
package dev.fcvm.net.port;

import org.jspecify.annotations.NullMarked;
