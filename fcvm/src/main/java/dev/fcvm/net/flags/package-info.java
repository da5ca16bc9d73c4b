/** What users ask of a machine's network: flags read and checked, and what they come to. */
@NullMarked
package dev.fcvm.net.flags;

import org.jspecify.annotations.NullMarked;
