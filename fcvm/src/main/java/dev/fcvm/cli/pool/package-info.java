/** The commands for pools of machines that are ready. */
@NullMarked
package dev.fcvm.cli.pool;

import org.jspecify.annotations.NullMarked;
