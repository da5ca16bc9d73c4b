/** What the command line says of directory mappings and volumes. */
@NullMarked
package dev.fcvm.cli.volume;

import org.jspecify.annotations.NullMarked;
