/** The agent in the guest: reads the plan, runs Podman, speaks the link. */
@NullMarked
package dev.fcvm.guest;

import org.jspecify.annotations.NullMarked;
