package dev.fcvm.machine;

import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * Where the container's streams lead. None is buffered, so that every byte is where it belongs at once.
 *
 * @param input standard input, or nothing when the container gets none; closed at the end of the run
 * @param output standard output, or nothing when it is not wanted; not closed
 * @param error standard error, or nothing when it is not wanted; not closed
 */
public record Stdio(Optional<ReadableByteChannel> input, Optional<OutputStream> output, Optional<OutputStream> error) {}
