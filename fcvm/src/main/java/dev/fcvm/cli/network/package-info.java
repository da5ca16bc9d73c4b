/** Commands for networks and for ports of machines that run. */
@NullMarked
package dev.fcvm.cli.network;

import org.jspecify.annotations.NullMarked;
