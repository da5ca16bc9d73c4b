/** Processes, namespaces, tools, files, locks: the only room that knows Linux. */
@NullMarked
package dev.fcvm.host;

import org.jspecify.annotations.NullMarked;
