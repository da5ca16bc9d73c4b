/** What {@code podman run} can do: its flags, their values, and which of them a machine carries out. */
@NullMarked
package dev.fcvm.machine.podman;

import org.jspecify.annotations.NullMarked;
