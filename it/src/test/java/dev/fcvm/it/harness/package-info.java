/** What the machine tests stand on: child processes, images, a registry, a user of their own, and leak checks. */
@NullMarked
package dev.fcvm.it.harness;

import org.jspecify.annotations.NullMarked;
