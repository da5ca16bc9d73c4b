/** Firecracker over its Unix socket. */
@NullMarked
package dev.fcvm.vmm.firecracker;

import org.jspecify.annotations.NullMarked;
