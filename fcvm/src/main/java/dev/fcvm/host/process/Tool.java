package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A program of the host, run to its end: an argument list (never a shell's line), an environment, a deadline, optional
 * input, and bounded output. Immutable; each method returns a changed copy.
 *
 * <p>Programs are looked for on the PATH and then in the system directories, because Debian leaves
 * {@code /usr/sbin} out of an ordinary user's PATH. Messages are asked for in the C locale, so that they can be read by
 * the caller.
 *
 * @param program the file name, for example {@code mke2fs}, or an absolute path
 * @param debianPackage the package that holds it, named when it is missing
 * @param arguments what follows the program
 * @param environment what is set beside the inherited environment
 * @param deadline how long the program may take in all
 * @param input what it reads from standard input; empty closes it at once
 * @param outputLimit how many bytes of each of its streams are kept: the first of standard output, the last of standard
 *     error
 */
public record Tool(
        String program,
        String debianPackage,
        List<String> arguments,
        Map<String, String> environment,
        Duration deadline,
        Input input,
        int outputLimit) {

    private static final List<String> SYSTEM_DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin");
    private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(1);
    private static final int DEFAULT_LIMIT = 1 << 20;

    public Tool {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /**
     * Names a program, with a deadline of one minute and no arguments.
     *
     * @param program for example {@code mke2fs}
     * @param debianPackage for example {@code e2fsprogs}
     */
    public static Tool named(String program, String debianPackage) {
        return new Tool(
                program, debianPackage, List.of(), Map.of(), DEFAULT_DEADLINE, new Input(new byte[0]), DEFAULT_LIMIT);
    }

    /** Adds arguments. */
    public Tool with(String... more) {
        return with(List.of(more));
    }

    /** Adds arguments. */
    public Tool with(List<String> more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(more);
        return new Tool(program, debianPackage, all, environment, deadline, input, outputLimit);
    }

    /** Sets a variable of its environment. */
    public Tool withVariable(String name, String value) {
        Map<String, String> all = new HashMap<>(environment);
        all.put(name, value);
        return new Tool(program, debianPackage, arguments, all, deadline, input, outputLimit);
    }

    /** Sets how long it may take. */
    public Tool within(Duration limit) {
        return new Tool(program, debianPackage, arguments, environment, limit, input, outputLimit);
    }

    /** Sets what it reads from standard input. */
    public Tool reading(byte[] bytes) {
        return new Tool(
                program, debianPackage, arguments, environment, deadline, new Input(bytes.clone()), outputLimit);
    }

    /** Sets how many bytes of each stream are kept; more is read and thrown away. */
    public Tool keeping(int bytes) {
        return new Tool(program, debianPackage, arguments, environment, deadline, input, bytes);
    }

    /** Returns where the program lies, or nothing when it is not installed. */
    public Optional<Path> find() {
        if (program.startsWith("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable);
        }
        return Stream.of(searchPath().split(":"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /** Returns where the program lies, or says which package to install. */
    public Path require() throws FcvmException {
        return find().orElseThrow(() -> new FcvmException(
                Kind.HOST, "%s is not installed: install it with: apt install %s".formatted(program, debianPackage)));
    }

    /**
     * Runs it to its end. When the calling thread is interrupted, or the deadline passes, the program and every process
     * it started are killed before this returns.
     *
     * @return its exit code and output, whatever the exit code is
     * @throws FcvmException when it is missing, cannot be started, or does not end in time
     */
    public Result run() throws FcvmException, InterruptedException {
        Path file = require();
        try {
            return ToolRun.start(this, file).await();
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot run %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Runs it to its end as {@link #run} does, and hands its standard output to a reader, on another thread, instead of
     * keeping it. A reader that fails stops it.
     *
     * @throws IOException the reader's; but that its input ends too early is told by the program's own result, if that
     *     failed
     */
    public Result run(OutputReader reader) throws FcvmException, IOException, InterruptedException {
        Path file = require();
        return ToolRun.start(this, file).await(reader);
    }

    /** Reads what a program writes to its standard output. */
    @FunctionalInterface
    public interface OutputReader {
        /** Reads to the end; not called after the program was killed. */
        void read(InputStream output) throws IOException;
    }

    /** Returns the PATH the program gets: the caller's and the system directories behind it. */
    static String searchPath() {
        String own = CallerEnvironment.get().get("PATH");
        String system = String.join(":", SYSTEM_DIRECTORIES);
        return own == null || own.isEmpty() ? system : own + ":" + system;
    }

    /**
     * What a program reads from standard input. Not part of any message: it may be secret.
     *
     * @param bytes the whole of it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Input(byte[] bytes) {
        @Override
        public String toString() {
            return bytes.length + " bytes";
        }
    }

    /**
     * How a program ended.
     *
     * @param exitCode its exit code, 128+N when a signal ended it
     * @param output the first of what it wrote to standard output, as UTF-8
     * @param errors the last of what it wrote to standard error, as UTF-8
     */
    public record Result(int exitCode, String output, String errors) {

        /** Returns whether it ended with 0. */
        public boolean succeeded() {
            return exitCode == 0;
        }

        /** Returns the last line it wrote to standard error that says something, or a word on its exit code. */
        public String lastWords() {
            return errors.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .reduce((first, second) -> second)
                    .map(line -> line.length() > 500 ? line.substring(0, 500) + "…" : line)
                    .orElse("exit code " + exitCode);
        }
    }
}
