/** Flags, environment, .env and defaults as one record. */
@NullMarked
package dev.fcvm.settings;

import org.jspecify.annotations.NullMarked;
