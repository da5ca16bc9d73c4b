/** Machine: specification, preparation, boot, ready, exit; its store and its supervision. */
@NullMarked
package dev.fcvm.machine;

import org.jspecify.annotations.NullMarked;
