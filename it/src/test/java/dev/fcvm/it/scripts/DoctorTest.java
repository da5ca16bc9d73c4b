package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Outcome;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That {@code fcvm doctor} judges as {@code scripts/preflight.sh} does, and looks further. */
@Tag("machine")
class DoctorTest {

    @Test
    void shouldSayOfTheHostWhatPreflightSays() {
        try (Fcvm fcvm = Fcvm.withoutBase()) {
            List<Map<?, ?>> doctors = checks(fcvm.call("doctor", "--json", "--kvm", "auto")
                    .without("FIRECRACKER_BIN")
                    .run()
                    .expect(1));
            List<Map<?, ?>> preflights = checks(preflight(fcvm).run());

            assertThat(doctors.stream().map(DoctorTest::judgement).toList())
                    .containsAll(preflights.stream().map(DoctorTest::judgement).toList());
            assertThat(ids(doctors)).contains("base", "mode", "vmm", "leftovers");
        }
    }

    @Test
    void shouldHandOnWhatTheUserSetBySettings() {
        try (Fcvm fcvm = Fcvm.withoutBase()) {
            Outcome outcome = fcvm.call("doctor", "--json", "--kvm", "no").run().expect(1);

            assertThat(checks(outcome))
                    .filteredOn(check -> "kvm".equals(check.get("id")))
                    .singleElement()
                    .satisfies(check -> assertThat((String) check.get("detail")).contains("FCVM_KVM=no"));
        }
    }

    private static Child.Call preflight(Fcvm fcvm) {
        String script = ScriptTree.repository()
                .resolve("build/dist/scripts/preflight.sh")
                .toString();
        return Child.of(script, "--json")
                .env("FCVM_DATA_DIR", fcvm.data().toString())
                .env("FCVM_KVM", "auto")
                .without("FIRECRACKER_BIN");
    }

    /** Without the detail: free space changes while one looks. */
    private static List<?> judgement(Map<?, ?> check) {
        return List.of(check.get("id"), check.get("status"), check.get("fix"));
    }

    private static List<String> ids(List<Map<?, ?>> checks) {
        return checks.stream().map(check -> String.valueOf(check.get("id"))).toList();
    }

    private static List<Map<?, ?>> checks(Outcome outcome) {
        Map<?, ?> answer =
                (Map<?, ?>) Jsonb.builder().build().type(Object.class).fromJson(outcome.out());
        return ((List<?>) answer.get("checks"))
                .stream().<Map<?, ?>>map(check -> (Map<?, ?>) check).toList();
    }
}
