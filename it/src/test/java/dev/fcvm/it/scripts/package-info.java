/** The scripts that prepare a host, run as a user runs them. */
@NullMarked
package dev.fcvm.it.scripts;

import org.jspecify.annotations.NullMarked;
