/** The contract every monitor keeps, on real machines. */
@NullMarked
package dev.fcvm.it.vmm;

import org.jspecify.annotations.NullMarked;
