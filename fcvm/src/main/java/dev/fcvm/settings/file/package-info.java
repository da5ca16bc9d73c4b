/** The configuration files: what is written in them, and where. What it means is judged above. */
@NullMarked
package dev.fcvm.settings.file;

import org.jspecify.annotations.NullMarked;
