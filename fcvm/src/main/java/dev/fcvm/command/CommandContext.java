package dev.fcvm.command;

import dev.fcvm.error.BrokenPipe;
import dev.fcvm.host.file.CallersFile;
import dev.fcvm.host.text.PrintableText;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a command finds around it: in place of the process's own environment, directory, streams and signals, because
 * the command may run in the supervisor, for a caller in another process. Its streams are unbuffered and untouched by
 * charsets.
 *
 * <p>A machine that goes on after its command must not hold this: it ends with the command.
 *
 * @param process the caller's process id
 * @param environment the caller's environment
 * @param directory the caller's working directory, absolute; see {@link #path}
 * @param umask which permissions a file made for the caller is not to have (umask(2))
 * @param streams standard input, output and error
 * @param terminal standard input, where that is a terminal
 * @param signals the signals sent to the caller
 * @param startedNanos when the command began, by {@link System#nanoTime}
 * @param clock the time
 */
public record CommandContext(
        long process,
        Map<String, String> environment,
        Path directory,
        int umask,
        Streams streams,
        Optional<Terminal> terminal,
        Signals signals,
        long startedNanos,
        Clock clock) {

    private static final Path SELF = Path.of("/proc/self");
    private static final Path DESCRIPTORS = Path.of("/dev/fd");
    private static final List<Path> STANDARD =
            List.of(Path.of("/dev/stdin"), Path.of("/dev/stdout"), Path.of("/dev/stderr"));

    public CommandContext {
        environment = Map.copyOf(environment);
    }

    /**
     * The caller's streams.
     *
     * @param input opens standard input; closing the channel wakes a thread that is blocked reading from it
     * @param output standard output
     * @param error standard error
     * @param outputIsTerminal whether standard output is a terminal
     * @param errorIsTerminal whether somebody watches standard error
     */
    public record Streams(
            Supplier<ReadableByteChannel> input,
            OutputStream output,
            OutputStream error,
            boolean outputIsTerminal,
            boolean errorIsTerminal) {

        /** Returns those of a command with no input, whose output is no terminal. */
        public static Streams of(OutputStream output, OutputStream error) {
            return new Streams(() -> Channels.newChannel(InputStream.nullInputStream()), output, error, false, false);
        }
    }

    /** Returns that of a command in the root directory which has nothing but these: no terminal and no signals. */
    public static CommandContext of(Map<String, String> environment, Streams streams) {
        return new CommandContext(
                ProcessHandle.current().pid(),
                environment,
                Path.of("/"),
                0022,
                streams,
                Optional.empty(),
                Signals.none(),
                System.nanoTime(),
                Clock.systemUTC());
    }

    /** Returns the same in another directory. */
    public CommandContext in(Path other) {
        return new CommandContext(process, environment, other, umask, streams, terminal, signals, startedNanos, clock);
    }

    /** Returns the same at another time. */
    public CommandContext at(Clock other) {
        return new CommandContext(
                process, environment, directory, umask, streams, terminal, signals, startedNanos, other);
    }

    /** Opens standard input. */
    public ReadableByteChannel input() {
        return streams.input().get();
    }

    /** Returns standard output. */
    public OutputStream output() {
        return streams.output();
    }

    /** Returns standard error. */
    public OutputStream error() {
        return streams.error();
    }

    /** Returns whether standard output is a terminal. */
    public boolean outputIsTerminal() {
        return streams.outputIsTerminal();
    }

    /** Returns whether somebody watches standard error. */
    public boolean errorIsTerminal() {
        return streams.errorIsTerminal();
    }

    /**
     * Returns the file the caller means by this: below the caller's directory, unless it is absolute. What names one of
     * the caller's descriptors, as {@code <(COMMAND)} does in a shell, names it here, too.
     *
     * @throws java.nio.file.InvalidPathException when it is no path
     */
    public Path path(String text) {
        Path own = Path.of("/proc", Long.toString(process));
        Path whole = RawPaths.resolve(directory, text);
        Path named = whole.normalize();
        if (named.startsWith(SELF)) {
            return own.resolve(SELF.relativize(named));
        }
        if (named.startsWith(DESCRIPTORS)) {
            return own.resolve("fd").resolve(DESCRIPTORS.relativize(named));
        }
        int standard = STANDARD.indexOf(named);
        return standard >= 0 ? own.resolve("fd/" + standard) : whole;
    }

    /** Returns a file that is to be made for the caller. */
    public CallersFile newFile(String text) {
        return new CallersFile(path(text), umask);
    }

    /**
     * Writes one line for the user's programs: as it is, unless a terminal would obey what is in it; see
     * {@link PrintableText}.
     */
    public void print(String line) {
        write(output(), outputIsTerminal() ? PrintableText.lines(line) : line);
    }

    /** Writes a JSON document for the user's programs, in which nothing is left that a terminal obeys. */
    public void printJson(String document) {
        write(output(), PrintableText.json(document));
    }

    /** Writes something for a user's terminal, without a line end, and just as it is. */
    public void show(String text) {
        writeAll(output(), text);
    }

    /** Writes one line for the user, made harmless: names of images, guests and files are in it. */
    public void complain(String line) {
        write(error(), PrintableText.lines(line));
    }

    /** Writes something for a user who watches, without a line end, and just as it is. */
    public void hint(String text) {
        writeAll(error(), text);
    }

    /**
     * Waits until all that was written is where it goes.
     *
     * @throws NobodyReads when it could not all be written, for another reason than that nobody reads any more
     */
    public void settle() {
        settle(output());
        settle(error());
    }

    private static void settle(OutputStream stream) {
        if (stream instanceof SettledOutput sent) {
            try {
                sent.settle();
            } catch (IOException unwritten) {
                if (!BrokenPipe.isBehind(unwritten)) {
                    throw new NobodyReads(unwritten);
                }
            }
        }
    }

    private static void write(OutputStream stream, String line) {
        writeAll(stream, line + "\n");
    }

    private static void writeAll(OutputStream stream, String text) {
        try {
            stream.write(RawText.replaced(text).getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyReads) {
            throw new NobodyReads(nobodyReads);
        }
    }

    /** The output cannot be written: of one that nobody reads any more nothing is said, of any other why. */
    public static final class NobodyReads extends UncheckedIOException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final IOException why;

        /**
         * @param cause what the kernel said
         */
        public NobodyReads(IOException cause) {
            super("cannot write the output", cause);
            this.why = cause;
        }

        /** Returns what the kernel said. */
        public IOException why() {
            return why;
        }
    }
}
