package dev.fcvm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Documents from whoever can write one. CONTRIBUTING.md has the command. */
class PlanFuzzTest {

    private static final String MACHINE = "0123456789abcdef0123456789abcdef";

    @FuzzTest
    void shouldReadAPlanOrNameWhatIsWrongInOneLine(byte[] document) throws Exception {
        Plan plan;
        try {
            plan = PlanJson.read(document);
        } catch (PlanException wrong) {
            assertThat(wrong.getMessage()).startsWith("the plan").hasSizeLessThan(400);
            assertThat(String.valueOf(wrong.getMessage()).chars()).noneMatch(Character::isISOControl);
            return;
        }
        assertThat(PlanJson.read(PlanJson.write(plan))).isEqualTo(plan);
    }

    /** The lines of a text as a container's options and command. */
    @FuzzTest
    void shouldReadBackEveryArgumentItWrites(byte[] bytes) throws Exception {
        var lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
        List<String> options = new ArrayList<>();
        List<String> command = new ArrayList<>();
        for (String line : lines) {
            (line.length() % 2 == 0 ? options : command).add(line);
        }
        Plan plan;
        String document;
        try {
            plan = new Plan(
                    1,
                    MACHINE,
                    "otter",
                    "otter",
                    true,
                    new ContainerPlan("image" + lines[0], options, command, false),
                    lines.length % 2 == 0
                            ? Optional.empty()
                            : Optional.of(new NetworkPlan(1500, true, options, List.of(lines))));
            document = PlanJson.write(plan);
        } catch (IllegalArgumentException | PlanException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        assertThat(PlanJson.read(document)).isEqualTo(plan);
    }
}
