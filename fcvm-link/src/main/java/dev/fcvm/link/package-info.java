/** The protocol between the host and the agent in the guest: frames, streams, flow control, sessions. */
@NullMarked
package dev.fcvm.link;

import org.jspecify.annotations.NullMarked;
