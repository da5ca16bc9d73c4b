/** The uplink that needs no privilege: slirp4netns. */
@NullMarked
package dev.fcvm.net.rootless;

import org.jspecify.annotations.NullMarked;
