/** Users of the host, and the ids they may hand on. */
@NullMarked
package dev.fcvm.host.user;

import org.jspecify.annotations.NullMarked;
