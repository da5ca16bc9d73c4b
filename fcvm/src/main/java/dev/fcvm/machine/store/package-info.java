/** What is known of machines in files: where each stands, how it ended, and the sweep. */
@NullMarked
package dev.fcvm.machine.store;

import org.jspecify.annotations.NullMarked;
