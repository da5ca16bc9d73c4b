/** What a machine has on the host, written down before it is acquired, and released by whoever holds the machine's lock. */
@NullMarked
package dev.fcvm.host.journal;

import org.jspecify.annotations.NullMarked;
