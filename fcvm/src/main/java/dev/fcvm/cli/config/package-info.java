/** What configuration files may hold, by the commands' own descriptions; and the verb that shows it. */
@NullMarked
package dev.fcvm.cli.config;

import org.jspecify.annotations.NullMarked;
