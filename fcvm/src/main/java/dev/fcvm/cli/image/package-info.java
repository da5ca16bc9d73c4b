/** Commands for images, and the flags of fetching one. */
@NullMarked
package dev.fcvm.cli.image;

import org.jspecify.annotations.NullMarked;
