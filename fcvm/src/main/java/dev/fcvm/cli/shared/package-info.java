/** What commands of several rooms of the command line use. */
@NullMarked
package dev.fcvm.cli.shared;

import org.jspecify.annotations.NullMarked;
