package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "web", "Web-1", "a.b_c-d", "0"})
    void shouldTakeNamesPodmanTakes(String name) throws Exception {
        assertThat(MachineName.parse(name).value()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", ".a", "_a", "a b", "a/b", "../x", "ä", "a\n", "a:b"})
    void shouldRefuseOtherNames(String name) {
        assertThatThrownBy(() -> MachineName.parse(name))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("is malformed");
    }

    @Test
    void shouldTakeNamesAsLongAsThePlanTakesThemAndNoLonger() throws Exception {
        String longest = "a".repeat(Plan.MAX_NAME_LENGTH);
        String name = MachineName.parse(longest).value();
        var container = new ContainerPlan("image", List.of(), List.of(), false);
        assertThat(new Plan(Plan.VERSION, "0".repeat(32), name, "host", false, container).name())
                .isEqualTo(longest);
        assertThatThrownBy(() -> MachineName.parse(longest + "a")).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldMakeUpWellFormedNames() throws Exception {
        var random = new Random(7);
        for (int count = 0; count < 1000; count++) {
            MachineName name = MachineName.random(random);
            assertThat(MachineName.parse(name.value())).isEqualTo(name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"box", "box.example.org", "b-1", "under_score", "1"})
    void shouldTakeHostNames(String hostname) throws Exception {
        assertThat(Hostname.check(hostname)).isEqualTo(hostname);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-box", "box-", "a..b", "a b", "ä", ".a", "a."})
    void shouldRefuseMalformedHostNames(String hostname) {
        assertThatThrownBy(() -> Hostname.check(hostname))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--hostname");
    }

    @Test
    void shouldRefuseHostNamesLongerThanLinuxTakes() throws Exception {
        assertThat(Hostname.check("a".repeat(64))).hasSize(64);
        assertThatThrownBy(() -> Hostname.check("a".repeat(65))).isInstanceOf(FcvmException.class);
    }
}
