/** Networks that join machines of one user. */
@NullMarked
package dev.fcvm.net.named;

import org.jspecify.annotations.NullMarked;
