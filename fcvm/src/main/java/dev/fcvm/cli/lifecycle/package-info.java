/** Commands for machines that are there: one class a command. */
@NullMarked
package dev.fcvm.cli.lifecycle;

import org.jspecify.annotations.NullMarked;
