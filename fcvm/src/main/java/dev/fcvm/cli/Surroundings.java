package dev.fcvm.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command finds around it. Its streams are the process's own descriptors, unbuffered and untouched by charsets.
 *
 * @param environment the process's environment
 * @param input opens standard input
 * @param output standard output
 * @param error standard error
 * @param errorIsTerminal whether somebody watches standard error
 * @param clock the time
 */
public record Surroundings(
        Map<String, String> environment,
        Supplier<ReadableByteChannel> input,
        OutputStream output,
        OutputStream error,
        boolean errorIsTerminal,
        Clock clock) {

    /** Returns those of this process. */
    static Surroundings ofProcess() {
        return new Surroundings(
                System.getenv(),
                // A channel, because closing it wakes a thread that is blocked reading from it.
                () -> new FileInputStream(FileDescriptor.in).getChannel(),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                isTerminal(2),
                Clock.systemUTC());
    }

    /** Writes one line for the user's programs. */
    void print(String line) {
        write(output, line);
    }

    /** Writes one line for the user. */
    void complain(String line) {
        write(error, line);
    }

    /** Writes something for a user who watches, without a line end. */
    void hint(String text) {
        writeAll(error, text);
    }

    private static void write(OutputStream stream, String line) {
        writeAll(stream, line + "\n");
    }

    private static void writeAll(OutputStream stream, String text) {
        try {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyReads) {
            throw new NobodyReads(nobodyReads);
        }
    }

    /** The output cannot be written: of one that nobody reads any more nothing is said, of any other why. */
    static final class NobodyReads extends UncheckedIOException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final IOException why;

        NobodyReads(IOException cause) {
            super("cannot write the output", cause);
            this.why = cause;
        }

        /** Returns what the kernel said. */
        IOException why() {
            return why;
        }
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            return false;
        }
    }
}
