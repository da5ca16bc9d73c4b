/** Firecracker's API: its calls, their bodies, and the connection they go over. */
@NullMarked
package dev.fcvm.vmm.firecracker.api;

import org.jspecify.annotations.NullMarked;
