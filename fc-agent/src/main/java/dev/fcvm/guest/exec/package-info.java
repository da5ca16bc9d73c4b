/** Further commands in a container, or in the guest itself. */
@NullMarked
package dev.fcvm.guest.exec;

import org.jspecify.annotations.NullMarked;
