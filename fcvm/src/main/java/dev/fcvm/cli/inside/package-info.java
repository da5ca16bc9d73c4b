/** Commands that ask Podman in a machine about the container there, or copy files of it. */
@NullMarked
package dev.fcvm.cli.inside;

import org.jspecify.annotations.NullMarked;
