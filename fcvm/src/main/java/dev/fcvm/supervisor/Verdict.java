package dev.fcvm.supervisor;

import java.nio.file.Path;

/** What becomes of a request. */
sealed interface Verdict {

    /** It is run. */
    record Welcome() implements Verdict {}

    /** This supervisor takes no more: the launcher finds or starts the next. */
    record Again() implements Verdict {}

    /** The launcher runs it in its own process. */
    record Yourself() implements Verdict {}

    /**
     * It is another supervisor's.
     *
     * @param data whose data directory is this
     */
    record Elsewhere(Path data) implements Verdict {}
}
