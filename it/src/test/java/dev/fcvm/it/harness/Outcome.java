package dev.fcvm.it.harness;

import java.time.Duration;
import java.util.List;

/**
 * How a process ended.
 *
 * @param command its command line
 * @param exitCode its exit code; 128+N when signal N ended it
 * @param stdout what it wrote to standard output
 * @param stderr what it wrote to standard error
 * @param took from its start to its end
 */
public record Outcome(List<String> command, int exitCode, Captured stdout, Captured stderr, Duration took) {

    /** Returns standard output as text. */
    public String out() {
        return stdout.text();
    }

    /** Returns standard error as text. */
    public String err() {
        return stderr.text();
    }

    /** Returns this, or fails with everything that is known when the exit code is another. */
    public Outcome expect(int code) {
        if (exitCode != code) {
            throw new AssertionError("expected exit code " + code + " but got:\n" + this);
        }
        return this;
    }

    @Override
    public String toString() {
        return "$ %s%n  exit code %d after %.1f s%n--- stdout%n%s%n--- stderr%n%s%n---"
                .formatted(String.join(" ", command), exitCode, took.toMillis() / 1000.0, stdout, stderr);
    }
}
