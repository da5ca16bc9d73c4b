/** When a machine is ready, and how that is waited for; and its container's health. */
@NullMarked
package dev.fcvm.machine.ready;

import org.jspecify.annotations.NullMarked;
