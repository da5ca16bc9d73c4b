/** What users ask of mappings, read and checked. */
@NullMarked
package dev.fcvm.volume.flags;

import org.jspecify.annotations.NullMarked;
