package dev.fcvm.host;

import java.nio.file.Path;
import java.util.List;

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
