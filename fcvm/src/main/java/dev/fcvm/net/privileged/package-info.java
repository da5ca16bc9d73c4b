/** The uplink of root: a veth pair, addresses of a pool, and a table of the host's firewall. */
@NullMarked
package dev.fcvm.net.privileged;

import org.jspecify.annotations.NullMarked;
