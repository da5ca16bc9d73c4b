/** QEMU's microvm machine, with KVM or in software. */
@NullMarked
package dev.fcvm.vmm.qemu;

import org.jspecify.annotations.NullMarked;
