/** Which monitor boots a machine. */
@NullMarked
package dev.fcvm.vmm.select;

import org.jspecify.annotations.NullMarked;
