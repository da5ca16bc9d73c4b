package dev.fcvm.machine.session;

/** Hears of a run's progress. Called from several threads; must not block. */
public interface RunListener {

    /** A phase has ended. Those of a monitor's start are told again of a machine that boots because it could not be restored. */
    void reached(Phase phase);

    /** Something the user may want to know, one line. */
    void note(String line);

    /** Something the user must be told even where nobody watches, one line. */
    void warn(String line);

    /** An error that the run's exit code does not tell of, one line: told even to whoever wants to hear of nothing else. */
    default void error(String line) {
        warn(line);
    }
}
