/** Snapshots of machines that have booted and have no container yet, and what a machine needs to start from one. */
@NullMarked
package dev.fcvm.machine.warm;

import org.jspecify.annotations.NullMarked;
