/** The container's OCI runtime, asked without Podman. */
@NullMarked
package dev.fcvm.guest.runtime;

import org.jspecify.annotations.NullMarked;
