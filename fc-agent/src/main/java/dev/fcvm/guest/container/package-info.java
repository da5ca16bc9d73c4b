/** A container in the hands of Podman: its command line, its start, signals, health and end. */
@NullMarked
package dev.fcvm.guest.container;

import org.jspecify.annotations.NullMarked;
