package dev.fcvm.machine.ready;

import dev.fcvm.error.FcvmException;
import java.time.Duration;
import java.util.Optional;

/**
 * What makes a machine ready, and how long that may take ({@code --wait-ready}, docs/readiness.md).
 *
 * @param check what is looked at
 * @param timeout how long it is waited for
 * @param interval the time between two looks
 */
public record ReadyCondition(Check check, Duration timeout, Duration interval) {

    /** What is waited for when nothing is said. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** What is looked at. */
    public sealed interface Check {

        /** Returns the word for it. */
        String mode();
    }

    /**
     * The agent answers, and the container runs.
     *
     * @param file of the container, absolute: when it is there, the container says that it is ready
     */
    public record Vsock(Optional<String> file) implements Check {
        @Override
        public String mode() {
            return "vsock";
        }
    }

    /**
     * A web server of the container answers.
     *
     * @param path what it is asked for
     * @param lowest the least status that will do
     * @param highest the greatest
     */
    public record Http(int port, String path, int lowest, int highest) implements Check {
        @Override
        public String mode() {
            return "http";
        }
    }

    /** A port of the container takes connections. */
    public record Tcp(int port) implements Check {
        @Override
        public String mode() {
            return "tcp";
        }
    }

    /** The container has written a line in which this pattern is found ({@link java.util.regex.Pattern}). */
    public record Log(String pattern) implements Check {
        @Override
        public String mode() {
            return "log";
        }
    }

    /** A command in the container ends with 0: a JSON array of words, or a line for its shell. */
    public record Exec(String command) implements Check {
        @Override
        public String mode() {
            return "exec";
        }
    }

    /** The container's own health check says that it is healthy. */
    public record Healthcheck() implements Check {
        @Override
        public String mode() {
            return "healthcheck";
        }
    }

    /**
     * Reads one.
     *
     * @param flag that it was given with
     * @param text {@code mode=MODE[,KEY=VALUE…]}; a part with a comma stands in double quotes
     * @throws FcvmException when it makes no sense
     */
    public static ReadyCondition parse(String flag, String text) throws FcvmException {
        return new ReadyConditionParser(flag, text).parse();
    }

    /**
     * Returns what is meant where nobody has said what makes a machine ready.
     *
     * @param file by which the image lets its container say so; nothing when it names none
     * @param health whether the container's health is checked
     */
    public static ReadyCondition usual(Optional<String> file, boolean health) {
        Check check = health && file.isEmpty() ? new Healthcheck() : new Vsock(file);
        return new ReadyCondition(check, TIMEOUT, ReadyConditionParser.INTERVAL);
    }

    /** Returns the same with the image's file, where none was given and one is looked at. */
    public ReadyCondition orFile(Optional<String> file) {
        return check instanceof Vsock(Optional<String> given) && given.isEmpty()
                ? new ReadyCondition(new Vsock(file), timeout, interval)
                : this;
    }

    /** Returns whether this can be the path of a file in a container. */
    public static boolean isFile(String path) {
        return ReadyConditionParser.isFile(path);
    }

    /** Returns whether the container needs a network for it. */
    public boolean needsNetwork() {
        return check instanceof Http || check instanceof Tcp;
    }
}
