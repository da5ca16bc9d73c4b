package dev.fcvm.host.kept;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.confine.CgroupEntry;
import dev.fcvm.host.process.ProcessEnd;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A process that goes on when its starter ends, however that ends: its output goes to bounded files and its exit code to
 * another, by a small shell beside it, its keeper. Whoever has its {@link KeptFiles} and knows both processes can take it
 * over. Nothing of it is held by this object, so there is nothing to close.
 *
 * @param files where it leaves what it says
 * @param keeper the shell, which ends right after it, once all is in the files
 * @param process the process itself
 */
public record KeptProcess(KeptFiles files, ProcessIdentity keeper, ProcessIdentity process) {

    private static final String SCRIPT = "keep.sh";
    /** The shell needs some milliseconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(1);
    /** Of a keeper that was killed nobody hears more. */
    private static final int KILLED = 128 + 9;

    /**
     * Starts one, in a session of its own, with nothing of the caller's environment but the PATH; it reads nothing.
     *
     * @param tag by which it and its keeper are found again
     * @param cgroup how both get into their cgroups, before anything else
     * @param words a program, found by the PATH, and its arguments
     */
    public static KeptProcess start(ProcessTag tag, KeptFiles files, CgroupEntry cgroup, List<String> words)
            throws FcvmException, InterruptedException {
        List<String> command = new ArrayList<>(cgroup.before());
        try {
            prepare(files);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot start %s in %s: %s".formatted(words.getFirst(), files.directory(), IoReason.of(e)),
                    e);
        }
        command.add(Tool.named("sh", "dash").require().toString());
        command.addAll(List.of(
                files.script().toString(),
                files.output().toString(),
                Integer.toString(files.limit() / 2),
                files.said().toString(),
                files.pid().toString(),
                files.exit().toString()));
        command.addAll(cgroup.registers());
        command.add("--");
        command.addAll(words);
        File said = files.said().toFile();
        Process shell = tag.start(
                Path.of("/"), command, Redirect.from(new File("/dev/null")), Redirect.DISCARD, Redirect.appendTo(said));
        return new KeptProcess(files, ProcessIdentity.ofPerhapsEnded(shell.pid()), awaitStart(shell, files, words));
    }

    private static void prepare(KeptFiles files) throws IOException {
        for (Path old : List.of(files.output(), older(files.output()), files.exit(), files.pid())) {
            Files.deleteIfExists(old);
        }
        try (InputStream in = Objects.requireNonNull(KeptProcess.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.copy(in, files.script());
        }
    }

    /** Returns where the older half of an output is. */
    public static Path older(Path output) {
        return output.resolveSibling(output.getFileName() + ".1");
    }

    private static ProcessIdentity awaitStart(Process shell, KeptFiles files, List<String> words)
            throws FcvmException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            boolean ended = !shell.isAlive();
            OptionalLong pid = KeptFiles.number(files.pid());
            if (pid.isPresent()) {
                return ProcessIdentity.ofPerhapsEnded(pid.getAsLong());
            }
            if (ended) {
                throw new FcvmException(Kind.HOST, notStarted(shell.exitValue(), files.lastWords(), words));
            }
            if (System.nanoTime() > end) {
                shell.destroyForcibly();
                throw new FcvmException(
                        Kind.HOST,
                        "cannot start %s: its shell did not start it within %d s"
                                .formatted(words.getFirst(), PATIENCE.toSeconds()));
            }
            Thread.sleep(PAUSE);
        }
    }

    /** Says why a shell ended before it had started anything: by what it said, or, when it was killed, by its exit code. */
    private static String notStarted(int code, String said, List<String> words) {
        String why = "its shell ended with exit code %d".formatted(code);
        return "cannot start %s: %s".formatted(words.getFirst(), said.isBlank() ? why : why + ": " + said);
    }

    /** Tells whether the process itself runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Returns its exit code, once both have ended: 128+N for signal N, and that of SIGKILL when its keeper was killed before
     * it could tell.
     */
    public int exitCode() {
        OptionalInt code = files.exitCode();
        return code.orElse(KILLED);
    }

    /** Returns something by which a thread waits for the end of the process itself. */
    public ProcessEnd end() throws FcvmException {
        return ProcessEnd.of(process);
    }

    /**
     * Waits until all it has said is in the files; to be called when the process has ended.
     *
     * @return whether that came in time: something it left behind may still have its output
     */
    public boolean awaitFiles(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (keeper.isAlive()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(PAUSE);
        }
        return true;
    }
}
