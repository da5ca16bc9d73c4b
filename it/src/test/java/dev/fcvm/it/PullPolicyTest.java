package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.LocalRegistry;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a registry is asked, and what counts when it says something else or nothing; Podman's four policies. */
@MachineTest
class PullPolicyTest {

    /** What is here and what the registry has when the second pull is made. */
    enum Registry {
        SAME,
        CHANGED,
        GONE
    }

    @ParameterizedTest
    @CsvSource({
        "always, SAME, old", "always, CHANGED, new", "always, GONE, error",
        "missing, SAME, old", "missing, CHANGED, old", "missing, GONE, old",
        "newer, SAME, old", "newer, CHANGED, new", "newer, GONE, old",
        "never, SAME, old", "never, CHANGED, old", "never, GONE, old"
    })
    void shouldFollowThePolicyForAnImageThatIsHere(
            String policy, Registry then, String expected, Fcvm fcvm, Archives archives) {
        Image second = RegistryPullTest.saying("second");
        String name;
        String old;
        Outcome outcome;
        try (LocalRegistry registry = LocalRegistry.open()) {
            name = registry.push(TestImages.plain(), "1", archives);
            old = id(pull(fcvm, "always", name));
            if (then == Registry.CHANGED) {
                registry.push(second, "1", archives);
            }
            if (then == Registry.GONE) {
                registry.stop();
            }
            long before = registry.requests("GET", "/v2/");
            outcome = pull(fcvm, policy, name);
            if (policy.equals("missing") || policy.equals("never")) {
                assertThat(registry.requests("GET", "/v2/"))
                        .as("it is not even asked")
                        .isEqualTo(before);
            } else if (then != Registry.GONE) {
                assertThat(registry.requests("GET", "/v2/")).as("it is asked").isGreaterThan(before);
            }
        }

        switch (expected) {
            case "old" -> assertThat(id(outcome)).isEqualTo(old);
            case "new" -> assertThat(id(outcome)).hasSize(64).isNotEqualTo(old);
            default -> Complaint.alone(outcome, name, "cannot be reached");
        }
        fcvm.run("rmi", "--all").expect(0);
    }

    @ParameterizedTest
    @CsvSource({"always, true", "missing, true", "newer, true", "never, false"})
    void shouldFollowThePolicyForAnImageThatIsNotHere(String policy, boolean fetched, Fcvm fcvm, Archives archives) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            long before = registry.requests("GET", "/v2/");

            Outcome outcome = pull(fcvm, policy, name);

            if (fetched) {
                outcome.expect(0);
            } else {
                Complaint.alone(outcome, name, "fcvm pull");
                assertThat(registry.requests("GET", "/v2/")).isEqualTo(before);
            }
            fcvm.run("rmi", "--all").expect(0);
        }
    }

    @Test
    void shouldRefuseAPolicyThatThereIsNot(Fcvm fcvm) {
        Complaint.alone(pull(fcvm, "sometimes", "quay.io/a:1"), "sometimes", "always, missing, newer, never");
    }

    private static Outcome pull(Fcvm fcvm, String policy, String name) {
        return fcvm.run("pull", "-q", "--tls-verify=false", "--policy", policy, name);
    }

    private static String id(Outcome outcome) {
        return outcome.expect(0).out().strip();
    }
}
