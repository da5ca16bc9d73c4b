/** Virtual machine monitors behind one interface. */
@NullMarked
package dev.fcvm.vmm;

import org.jspecify.annotations.NullMarked;
