package dev.fcvm.it;

import dev.fcvm.it.harness.Image;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * One row of the parity table: the same arguments for {@code podman run} on the host and for {@code fcvm run}.
 * {@code {dir}} in an argument stands for a directory of the case's own.
 *
 * @param name what a user can rely on
 * @param image what is run
 * @param options what stands before the image
 * @param command what stands after it
 * @param stdin standard input, with {@code -i}; empty for none
 * @param environment what the caller's environment has besides
 * @param files files made in {@code {dir}} before the run, by name
 * @param normal takes out of standard output what differs between two runs of Podman itself
 * @param errors how standard error is compared
 * @param shared whether it only looks around, so that one container may serve several such rows
 * @param accepted why fcvm may differ here, and in what; empty when it may not
 */
record ParityCase(
        String name,
        Image image,
        List<String> options,
        List<String> command,
        Optional<String> stdin,
        Map<String, String> environment,
        Map<String, String> files,
        UnaryOperator<String> normal,
        Errors errors,
        boolean shared,
        Optional<Accepted> accepted) {

    /** How standard error is compared. */
    enum Errors {
        /** The same bytes: only the container has written there. */
        SAME,
        /** Podman or its runtime complains: fcvm must too, in one line; the words may differ. */
        COMPLAINT,
        /**
         * The container's first process complains that it cannot become the program: one line on its standard error, in
         * the words of the runtime, which is not the same here and there.
         */
        RUNTIME
    }

    /**
     * A difference that is meant.
     *
     * @param reason why
     * @param exitCode fcvm's exit code, where it is not Podman's
     * @param out makes fcvm's standard output from Podman's, both normalised
     */
    record Accepted(String reason, OptionalInt exitCode, UnaryOperator<String> out) {}

    ParityCase {
        options = List.copyOf(options);
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        files = Map.copyOf(files);
    }

    static ParityCase of(String name, Image image, List<String> options, List<String> command) {
        return new ParityCase(
                name,
                image,
                options,
                command,
                Optional.empty(),
                Map.of(),
                Map.of(),
                UnaryOperator.identity(),
                Errors.SAME,
                false,
                Optional.empty());
    }

    ParityCase look() {
        return new ParityCase(name, image, options, command, stdin, environment, files, normal, errors, true, accepted);
    }

    ParityCase on(Image other) {
        return new ParityCase(
                name, other, options, command, stdin, environment, files, normal, errors, shared, accepted);
    }

    ParityCase stdin(String text) {
        List<String> withInput = new ArrayList<>(options);
        withInput.addFirst("-i");
        return new ParityCase(
                name,
                image,
                withInput,
                command,
                Optional.of(text),
                environment,
                files,
                normal,
                errors,
                shared,
                accepted);
    }

    ParityCase caller(String variable, String value) {
        return new ParityCase(
                name, image, options, command, stdin, Map.of(variable, value), files, normal, errors, shared, accepted);
    }

    ParityCase file(String fileName, String content) {
        Map<String, String> more = new HashMap<>(files);
        more.put(fileName, content);
        return new ParityCase(
                name, image, options, command, stdin, environment, more, normal, errors, shared, accepted);
    }

    ParityCase normal(UnaryOperator<String> operator) {
        return new ParityCase(
                name, image, options, command, stdin, environment, files, operator, errors, shared, accepted);
    }

    ParityCase complains() {
        return new ParityCase(
                name, image, options, command, stdin, environment, files, normal, Errors.COMPLAINT, shared, accepted);
    }

    ParityCase runtimeComplains() {
        return new ParityCase(
                name, image, options, command, stdin, environment, files, normal, Errors.RUNTIME, shared, accepted);
    }

    ParityCase differs(String reason, UnaryOperator<String> out) {
        return accepting(new Accepted(reason, OptionalInt.empty(), out));
    }

    ParityCase exits(String reason, int code) {
        return accepting(new Accepted(reason, OptionalInt.of(code), UnaryOperator.identity()));
    }

    private ParityCase accepting(Accepted difference) {
        return new ParityCase(
                name,
                image,
                options,
                command,
                stdin,
                environment,
                files,
                normal,
                errors,
                shared,
                Optional.of(difference));
    }

    @Override
    public String toString() {
        return name;
    }
}
