/** What the guest's Linux is asked: files, system calls, child processes, terminals, the machine's end. */
@NullMarked
package dev.fcvm.guest.system;

import org.jspecify.annotations.NullMarked;
