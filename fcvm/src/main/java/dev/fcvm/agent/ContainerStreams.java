package dev.fcvm.agent;

import dev.fcvm.link.LinkStream;
import java.util.Optional;

/**
 * The streams of a container that this session has joined; each is there when it was asked for. Outputs end when the
 * container has ended and all it wrote has come. Closing or losing the session leaves the container alone. To reset an
 * output here abandons it: what the container writes there fails from then on, as on a broken pipe. An output that the
 * guest resets may be attached anew: another attachment has replaced it, or some of it had to be dropped.
 *
 * @param input for standard input: its {@code output().close()} ends the container's input, its {@code reset()} does not
 * @param output standard output
 * @param error standard error
 */
public record ContainerStreams(Optional<LinkStream> input, Optional<LinkStream> output, Optional<LinkStream> error) {}
