/** What is mounted in the guest and shown to a container: disks, mappings, shares. */
@NullMarked
package dev.fcvm.guest.mount;

import org.jspecify.annotations.NullMarked;
