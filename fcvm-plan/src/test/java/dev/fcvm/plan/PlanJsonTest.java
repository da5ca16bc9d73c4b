package dev.fcvm.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlanJsonTest {

    private static final Path EXAMPLE = Path.of("..", "templates", "mmds-plan-example.json");

    @Test
    void shouldRoundTripTheExampleOfTheTemplates() throws Exception {
        String document = Files.readString(EXAMPLE);

        Plan plan = PlanJson.read(document);

        assertThat(plan.container().command()).containsExactly("sh", "-c", "echo \"grüß dich from $(hostname)\"");
        assertThat(plan.container().interactive()).isTrue();
        assertThat(PlanJson.read(PlanJson.write(plan))).isEqualTo(plan);
        assertThat(compact(document)).isEqualTo(compact(PlanJson.write(plan)));
    }

    @Test
    void shouldKeepEveryCharacterOfAnArgument() throws Exception {
        var random = new Random(42);
        for (int round = 0; round < 300; round++) {
            var text = new StringBuilder();
            int length = random.nextInt(1500);
            while (text.length() < length) {
                int point = 1 + random.nextInt(random.nextBoolean() ? 0x80 : 0x10ffff);
                if (point < 0xd800 || point > 0xdfff) {
                    text.appendCodePoint(point);
                }
            }
            Plan plan = plan(List.of("", text.toString()), List.of(text.toString()));

            assertThat(PlanJson.read(PlanJson.write(plan))).isEqualTo(plan);
        }
    }

    @Test
    void shouldHoldAsManyArgumentsAsLinuxLetsAProgramHave() throws Exception {
        List<String> many = Stream.generate(() -> "x".repeat(120_000)).limit(17).toList();

        assertThat(PlanJson.read(PlanJson.write(plan(List.of(), many)))).isEqualTo(plan(List.of(), many));
    }

    @Test
    void shouldRefuseToWriteAPlanNoGuestWouldTake() {
        List<String> many = Stream.generate(() -> "x".repeat(1000)).limit(3200).toList();

        assertThatThrownBy(() -> PlanJson.write(plan(List.of(), many)))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("too large")
                .hasMessageContaining("3145728 allowed");
        assertThatThrownBy(() -> PlanJson.write(plan(List.of(), List.of("é".repeat(65_536)))))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("container.command[0] is too long: 131072 bytes");
    }

    @Test
    void shouldReadBackTheLongestArgumentLinuxTakes() throws Exception {
        for (String unit : List.of("x", "\"", "é", "🚀")) {
            int bytes = unit.getBytes(StandardCharsets.UTF_8).length;
            // One unit more in front, so that the pieces' ends do not fall between characters by themselves.
            String longest = "x" + unit.repeat((PlanJson.MAX_ARGUMENT_BYTES - 1) / bytes);
            Plan plan = plan(List.of(), List.of("a", longest, "b"));

            assertThat(PlanJson.read(PlanJson.write(plan))).isEqualTo(plan);
        }
    }

    @Test
    void shouldRefusePiecesThatAreNoStrings() throws Exception {
        String document = PlanJson.write(plan(List.of(), List.of("here")));
        for (String wrong : List.of("[1]", "[[\"x\"]]", "[null]")) {
            assertThatThrownBy(() -> PlanJson.read(document.replace("\"here\"", wrong)))
                    .isInstanceOf(PlanException.class)
                    .hasMessageContaining("container.command[0]");
        }
    }

    @Test
    void shouldRefuseADocumentLargerThanTheLimit() {
        assertThatThrownBy(() -> PlanJson.read(" ".repeat(PlanJson.MAX_BYTES + 1)))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("too large");
    }

    static Stream<Arguments> malformed() throws Exception {
        String good = compact(Files.readString(EXAMPLE));
        return Stream.of(
                Arguments.of("", "not valid JSON"),
                Arguments.of("null", "not valid JSON"),
                Arguments.of("[]", "not valid JSON"),
                Arguments.of("{}", "version: is missing"),
                Arguments.of(good.substring(0, good.length() - 1), "not valid JSON"),
                Arguments.of(good + "x", "something follows"),
                Arguments.of(good + "{}", "something follows"),
                Arguments.of(good.replace("\"version\":1", "\"version\":2"), "version: is 2"),
                Arguments.of(good.replace("\"version\":1", "\"version\":\"1\""), " version"),
                Arguments.of(good.replace("\"version\":1", "\"version\":null"), " version"),
                Arguments.of(good.replace("\"version\":1", "\"version\":1.5"), " version"),
                Arguments.of(good.replace("\"version\":1", "\"version\":1e99"), "version: is"),
                Arguments.of(good.replace("\"version\":1", "\"version\":1,\"version\":1"), "version: is there twice"),
                Arguments.of(good.replace("\"version\":1", "\"version\":1,\"extra\":[[[1]]]"), "extra: is not a field"),
                Arguments.of(good.replace("\"version\":1,", ""), "version: is missing"),
                Arguments.of(good.replace("0123456789abcdef0123456789abcdef", "0123"), "machine: must be 32"),
                Arguments.of(
                        good.replace("0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF"),
                        "machine: must be 32"),
                Arguments.of(good.replace("\"name\":\"brave-otter\"", "\"name\":null"), " name"),
                Arguments.of(good.replace("\"name\":\"brave-otter\"", "\"name\":\"-x\""), "name: must be"),
                Arguments.of(good.replace("\"hostname\":\"brave-otter\"", "\"hostname\":\"a b\""), "hostname: must be"),
                Arguments.of(
                        good.replace("\"hostname\":\"brave-otter\"", "\"hostname\":\"" + "a".repeat(65) + "\""),
                        "hostname: must be"),
                Arguments.of(good.replace("\"keep\":false", "\"keep\":0"), " keep"),
                Arguments.of(good.replace("\"keep\":false", "\"keep\":null"), " keep"),
                Arguments.of(good.replace("\"container\":{", "\"container\":[{"), "container: must be an object"),
                Arguments.of(good.replace("docker.io/library/alpine:3", "--privileged"), "container.image: must"),
                Arguments.of(good.replace("docker.io/library/alpine:3", ""), "container.image: must"),
                Arguments.of(good.replace("docker.io/library/alpine:3", "a\\u0000b"), "container.image: contains"),
                Arguments.of(good.replace("[\"sh\"", "[\"s\\u0000h\""), "container.command[0]: contains a NUL"),
                Arguments.of(good.replace("[\"sh\"", "[\"\\ud800h\""), "container.command[0]: is not valid Unicode"),
                Arguments.of(good.replace("[\"sh\"", "[17"), " container.command[0]"),
                Arguments.of(good.replace("[\"sh\",", "[\"sh\" "), " container.command"),
                Arguments.of(good.replace("[\"sh\"", "\"sh\""), " container.command"),
                Arguments.of(good.replace("\"interactive\":true", "\"tty\":true"), "container.tty: is not a field"),
                Arguments.of(good.replace(",\"interactive\":true", ""), "container.interactive: is missing"),
                Arguments.of("{\"name\":\"\\u00", " name"),
                Arguments.of("{\"name\":\"\\", " name"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void shouldNameTheFieldThatIsWrong(String document, String expected) {
        assertThatThrownBy(() -> PlanJson.read(document))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining(expected)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(300));
    }

    @Test
    void shouldNeverFailOtherwiseWhateverTheBytes() throws Exception {
        byte[] good = Files.readAllBytes(EXAMPLE);
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            int changes = 1 + random.nextInt(3);
            for (int change = 0; change < changes; change++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                PlanJson.read(random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
            } catch (PlanException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(5_000);
    }

    @Test
    void shouldReadBackEveryKindOfMapping() throws Exception {
        var plain = plan(List.of(), List.of());
        var mapped = new Plan(
                plain.version(),
                plain.machine(),
                plain.name(),
                plain.hostname(),
                plain.keep(),
                plain.container(),
                plain.network(),
                List.of(
                        new MountPlan(0, new MountSource.Disk(3), "file", "/etc/one", true, false, List.of()),
                        new MountPlan(1, new MountSource.Sshfs(), "", "/two", false, false, List.of("nosuid", "U")),
                        new MountPlan(
                                2,
                                new MountSource.Nfs("172.30.0.1", 2049, "/x y"),
                                "",
                                "/three",
                                false,
                                true,
                                List.of())));

        assertThat(PlanJson.read(PlanJson.write(mapped))).isEqualTo(mapped);
    }

    private static Plan plan(List<String> options, List<String> command) {
        return new Plan(
                Plan.VERSION,
                "0123456789abcdef0123456789abcdef",
                "otter",
                "otter",
                true,
                new ContainerPlan("image", options, command, false));
    }

    /** Without the white space between the tokens. */
    private static String compact(String document) {
        var text = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < document.length(); i++) {
            char c = document.charAt(i);
            if (c == '"' && document.charAt(i - 1) != '\\') {
                quoted = !quoted;
            }
            if (quoted || !Character.isWhitespace(c)) {
                text.append(c);
            }
        }
        return text.toString();
    }
}
