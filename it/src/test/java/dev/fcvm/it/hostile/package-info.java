/** Those who mean harm: a guest by what it says, another user of the host by what it can reach. */
@NullMarked
package dev.fcvm.it.hostile;

import org.jspecify.annotations.NullMarked;
