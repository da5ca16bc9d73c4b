/** The networks of machines: what joins a machine's network namespace with the world, and what may pass. */
@NullMarked
package dev.fcvm.net;

import org.jspecify.annotations.NullMarked;
