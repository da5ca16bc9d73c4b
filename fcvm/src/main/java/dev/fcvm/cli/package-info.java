/** One class a command; parses, calls the machine room, renders. No logic. */
@NullMarked
package dev.fcvm.cli;

import org.jspecify.annotations.NullMarked;
