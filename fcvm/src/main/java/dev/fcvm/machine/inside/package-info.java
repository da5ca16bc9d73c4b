/** What Podman in a guest knows of the container there, and what is copied into it and out of it. */
@NullMarked
package dev.fcvm.machine.inside;

import org.jspecify.annotations.NullMarked;
