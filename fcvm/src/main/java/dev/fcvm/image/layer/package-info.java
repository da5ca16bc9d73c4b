/** What the layers of an image have that unpacking them does not bring out. */
@NullMarked
package dev.fcvm.image.layer;

import org.jspecify.annotations.NullMarked;
