/** What a machine is to be: what users ask for, read and checked, and the specification it becomes. */
@NullMarked
package dev.fcvm.machine.spec;

import org.jspecify.annotations.NullMarked;
