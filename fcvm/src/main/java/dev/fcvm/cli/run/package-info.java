/** Commands that make a machine, and their flags. */
@NullMarked
package dev.fcvm.cli.run;

import org.jspecify.annotations.NullMarked;
