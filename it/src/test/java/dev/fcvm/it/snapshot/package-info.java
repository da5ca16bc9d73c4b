/** Machines that are saved, and those that are made of them. */
@NullMarked
package dev.fcvm.it.snapshot;

import org.jspecify.annotations.NullMarked;
