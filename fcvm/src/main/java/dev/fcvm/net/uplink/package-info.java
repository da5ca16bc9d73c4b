/** What every kind of uplink is to the rest: its interface, the way into a machine's namespace, the processes that serve it. */
@NullMarked
package dev.fcvm.net.uplink;

import org.jspecify.annotations.NullMarked;
