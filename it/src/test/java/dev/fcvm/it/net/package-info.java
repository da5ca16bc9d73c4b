/** Real traffic between network namespaces made for it; the host's own is never touched. */
@NullMarked
package dev.fcvm.it.net;

import org.jspecify.annotations.NullMarked;
