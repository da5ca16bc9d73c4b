/** The machine's one network card, and the metadata service that is reached by it. */
@NullMarked
package dev.fcvm.guest.network;

import org.jspecify.annotations.NullMarked;
