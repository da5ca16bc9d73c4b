/** The process of a monitor, with what all monitors have alike: its jail, its console, its sockets. */
@NullMarked
package dev.fcvm.vmm.process;

import org.jspecify.annotations.NullMarked;
