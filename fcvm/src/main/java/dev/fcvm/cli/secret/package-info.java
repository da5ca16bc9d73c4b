/** What the command line says of secrets. */
@NullMarked
package dev.fcvm.cli.secret;

import org.jspecify.annotations.NullMarked;
