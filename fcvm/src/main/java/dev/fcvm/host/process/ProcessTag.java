package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A mark in the environment of processes, inherited by what they start, by which they are found again: also when their
 * parent is gone, and by another run of fcvm.
 *
 * @param variable the variable's name
 * @param value its value, unique to what is marked
 */
public record ProcessTag(String variable, String value) {

    /** Makes a tag with a random value. */
    public static ProcessTag random(String variable) {
        return new ProcessTag(variable, MachineId.random().value());
    }

    /**
     * Starts a process that carries it, in a session of its own: a Ctrl-C at the terminal reaches fcvm alone, which
     * decides. Its environment holds nothing of the caller's but the PATH. The caller must drain its output.
     *
     * @param words a program, found by the PATH, and its arguments
     */
    public Process start(Path directory, List<String> words, Redirect input, Redirect output) throws FcvmException {
        return start(directory, words, input, output, Redirect.PIPE);
    }

    /** The same, with what it says on standard error going elsewhere: one that is to outlive this process has no pipe to it. */
    public Process start(Path directory, List<String> words, Redirect input, Redirect output, Redirect errors)
            throws FcvmException {
        List<String> command = new ArrayList<>();
        command.add(Tool.named("setsid", "util-linux").require().toString());
        command.addAll(CallerLimits.words());
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(input)
                .redirectOutput(output)
                .redirectError(errors);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", Tool.searchPath());
        environment.put("LC_ALL", "C");
        environment.put(variable, value);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot start %s: %s; setsid, unshare and nsenter come with: apt install util-linux"
                            .formatted(command.get(1), e.getMessage()),
                    e);
        }
    }

    /**
     * Returns the living processes that carry this tag and what they have started, but for the caller's own. Processes
     * of other users, whose environment may not be read, are found only as children of such.
     */
    public List<ProcessHandle> holders() {
        return new ProcessHolders(this::isCarriedBy).living();
    }

    /** Kills every process that carries this tag, and waits until none is left, at most ten seconds. */
    public void killAll() {
        new ProcessHolders(this::isCarriedBy).killAll();
    }

    /** Returns whether the process of this directory of /proc carries it. */
    boolean isCarriedBy(Path process) {
        return ("\0" + ProcessHolders.text(process.resolve("environ"))).contains("\0" + variable + "=" + value + "\0");
    }
}
