package dev.fcvm.it.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** What every refusal of fcvm must look like: exit code 125 and one line that begins with {@code Error:}. */
public final class Complaint {

    private Complaint() {}

    /** Fails unless the outcome is a refusal in one line that names all these words. */
    public static void in(Outcome outcome, String... words) {
        withCode(125, outcome, words);
    }

    /** The same with another exit code, where Podman has one for it. */
    public static void withCode(int code, Outcome outcome, String... words) {
        outcome.expect(code);
        assertThat(outcome.stdout().length())
                .as("standard output of\n%s", outcome)
                .isZero();
        List<String> lines = outcome.err().lines().toList();
        assertThat(lines).as("standard error of\n%s", outcome).isNotEmpty();
        assertThat(lines.stream().filter(line -> line.startsWith("Error: ")).count())
                .as("lines that begin with Error: in\n%s", outcome)
                .isEqualTo(1);
        assertThat(outcome.err()).as("the whole of\n%s", outcome).doesNotContain("Exception", "\tat ");
        for (String word : words) {
            assertThat(outcome.err()).as("the whole of\n%s", outcome).contains(word);
        }
    }

    /** The same, and nothing else may stand on standard error. */
    public static void alone(Outcome outcome, String... words) {
        in(outcome, words);
        assertThat(outcome.err().lines()).as("standard error of\n%s", outcome).hasSize(1);
    }
}
