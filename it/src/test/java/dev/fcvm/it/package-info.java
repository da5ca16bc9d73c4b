/** Tests that run the real command line as a child process and boot real machines. */
@NullMarked
package dev.fcvm.it;

import org.jspecify.annotations.NullMarked;
