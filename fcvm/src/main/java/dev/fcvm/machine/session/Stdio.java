package dev.fcvm.machine.session;

import dev.fcvm.link.message.TerminalSize;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where the container's streams lead. None is buffered, so that every byte is where it belongs at once.
 *
 * @param input standard input, or nothing when the container gets none; closed at the end of the run
 * @param output standard output, or nothing when it is not wanted; not closed
 * @param error standard error, or nothing when it is not wanted; not closed
 * @param window the terminal's size, where there is a terminal
 * @param keys the keys by which the user leaves
 */
public record Stdio(
        Optional<ReadableByteChannel> input,
        Optional<OutputStream> output,
        Optional<OutputStream> error,
        Optional<Window> window,
        DetachKeys keys) {

    /** Nothing of them is wanted. */
    public static final Stdio NONE =
            new Stdio(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), DetachKeys.NONE);

    /** One without a terminal. */
    public Stdio(Optional<ReadableByteChannel> input, Optional<OutputStream> output, Optional<OutputStream> error) {
        this(input, output, error, Optional.empty(), DetachKeys.NONE);
    }

    /** A terminal that can be made larger and smaller. */
    public interface Window {

        /** Returns its size. */
        TerminalSize size();

        /** Tells its size now, and each time it changes, until what is returned is closed. */
        Following follow(Consumer<TerminalSize> told);

        /** Ends when it is closed. */
        interface Following extends AutoCloseable {
            @Override
            void close();
        }
    }
}
