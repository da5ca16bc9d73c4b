package dev.fcvm.machine.log;

/**
 * How far both of a container's outputs have come, in bytes since the container first started.
 *
 * @param stdout of standard output
 * @param stderr of standard error
 */
public record Position(long stdout, long stderr) {

    /** Where both begin. */
    public static final Position START = new Position(0, 0);

    public Position {
        if (stdout < 0 || stderr < 0) {
            throw new IllegalArgumentException("no position in an output: " + stdout + ", " + stderr);
        }
    }

    /** Returns how far one of them has come. */
    public long of(Output output) {
        return switch (output) {
            case STDOUT -> stdout;
            case STDERR -> stderr;
        };
    }

    /** Returns the same with one of them further on. */
    public Position plus(Output output, long bytes) {
        return switch (output) {
            case STDOUT -> new Position(sum(stdout, bytes), stderr);
            case STDERR -> new Position(stdout, sum(stderr, bytes));
        };
    }

    /** Returns how far it is from another one. */
    public Position minus(Position earlier) {
        return new Position(Math.max(0, stdout - earlier.stdout), Math.max(0, stderr - earlier.stderr));
    }

    /** Returns the one so far behind it. */
    public Position plus(Position further) {
        return new Position(sum(stdout, further.stdout), sum(stderr, further.stderr));
    }

    /** A guest may say that it has written more than there are numbers for: it stays at the last of them. */
    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
