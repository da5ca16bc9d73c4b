/** What a command finds around it, whether it runs in a process of its own or in the supervisor. */
@NullMarked
package dev.fcvm.command;

import org.jspecify.annotations.NullMarked;
