/** Commands for machines that are saved, and for those that are made of them. */
@NullMarked
package dev.fcvm.cli.snapshot;

import org.jspecify.annotations.NullMarked;
