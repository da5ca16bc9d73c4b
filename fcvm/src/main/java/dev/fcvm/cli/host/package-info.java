/** Commands about this host and this program. */
@NullMarked
package dev.fcvm.cli.host;

import org.jspecify.annotations.NullMarked;
