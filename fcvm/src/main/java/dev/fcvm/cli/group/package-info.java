/** Podman's groups of commands: the same commands by longer names, and those that have no shorter one. */
@NullMarked
package dev.fcvm.cli.group;

import org.jspecify.annotations.NullMarked;
