/** What happened to machines, kept for a while in podman's words. */
@NullMarked
package dev.fcvm.machine.event;

import org.jspecify.annotations.NullMarked;
