/** Podman as a service that waits in a saved machine, so that a container's start does not begin with Podman's own. */
@NullMarked
package dev.fcvm.guest.resident;

import org.jspecify.annotations.NullMarked;
