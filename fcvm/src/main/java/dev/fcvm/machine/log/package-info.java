/** What a container wrote: kept in files of bounded size, read again byte for byte. */
@NullMarked
package dev.fcvm.machine.log;

import org.jspecify.annotations.NullMarked;
