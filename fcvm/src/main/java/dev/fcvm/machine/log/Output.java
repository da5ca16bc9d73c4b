package dev.fcvm.machine.log;

/** An output stream of a container. A terminal's output is all {@link #STDOUT}. */
public enum Output {
    /** Standard output. */
    STDOUT(1),
    /** Standard error. */
    STDERR(2);

    private final int number;

    Output(int number) {
        this.number = number;
    }

    /** Returns the file descriptor's number, by which the log's files name it. */
    int number() {
        return number;
    }
}
