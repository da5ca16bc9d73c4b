/** What this host can do, for {@code fcvm doctor}. */
@NullMarked
package dev.fcvm.machine.check;

import org.jspecify.annotations.NullMarked;
