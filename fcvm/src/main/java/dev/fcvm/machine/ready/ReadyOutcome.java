package dev.fcvm.machine.ready;

/** What came of waiting until a machine is ready. */
public sealed interface ReadyOutcome {

    /** It is ready. */
    record Met() implements ReadyOutcome {}

    /**
     * It was not in time, or will never be.
     *
     * @param seen the last that was seen of it, as a sentence for the user
     */
    record Late(String seen) implements ReadyOutcome {}

    /**
     * It has ended before.
     *
     * @param seen the last that was seen of it
     */
    record Over(String seen) implements ReadyOutcome {}
}
