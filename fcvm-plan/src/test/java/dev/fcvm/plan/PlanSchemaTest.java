package dev.fcvm.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.avaje.json.mapper.JsonMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/plan.schema.json says of plans what the code does, and templates/mmds-plan-example.json is one. */
final class PlanSchemaTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, Object> schema = JSON.fromJsonObject(read("docs", "plan.schema.json"));
    private final String example = read("templates", "mmds-plan-example.json");

    @Test
    void shouldNameTheFieldsOfThePlanAndNoOthers() {
        assertThat(properties(schema)).containsOnlyKeys(components(Plan.class));
        assertThat(list(schema, "required"))
                .isEqualTo(Stream.of(components(Plan.class))
                        .filter(name -> !name.equals("network") && !name.equals("mounts"))
                        .toList());
        Map<String, Object> network = object(properties(schema), "network");
        assertThat(properties(network)).containsOnlyKeys(components(NetworkPlan.class));
        assertThat(list(network, "required")).isEqualTo(List.of(components(NetworkPlan.class)));
        Map<String, Object> mount = object(object(properties(schema), "mounts"), "items");
        // One of three stands for the source.
        assertThat(properties(mount).keySet())
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                Stream.of(components(MountPlan.class)).filter(name -> !name.equals("source")),
                                Stream.of("disk", "sshfs", "nfs"))
                        .toList());
        Map<String, Object> container = object(properties(schema), "container");
        assertThat(properties(container)).containsOnlyKeys(components(ContainerPlan.class));
        assertThat(list(container, "required")).isEqualTo(List.of(components(ContainerPlan.class)));
    }

    @Test
    void shouldDescribeEveryField() {
        for (Map<String, Object> holder :
                List.of(schema, object(properties(schema), "container"), object(properties(schema), "network"))) {
            properties(holder)
                    .forEach((name, field) -> assertThat(((Map<?, ?>) field).get("description"))
                            .as(name)
                            .isInstanceOf(String.class));
        }
    }

    @Test
    void shouldAcceptTheExampleAndTheCodeAsWell() throws Exception {
        assertThat(faults(schema, JSON.fromJsonObject(example), "plan")).isEmpty();
        assertThat(PlanJson.read(example).container().command()).isNotEmpty();
    }

    @Test
    void shouldRefuseWhatTheCodeRefuses() {
        for (String[] change : new String[][] {
            {"\"version\": 1", "\"version\": 2"},
            {"\"keep\": false,", ""},
            {"\"keep\": false", "\"keep\": \"false\""},
            {"\"keep\": false", "\"keep\": false, \"more\": 1"},
            {"0123456789abcdef", "0123456789ABCDEF"},
            {"\"name\": \"", "\"name\": \"-"},
            {"\"hostname\": \"", "\"hostname\": \"" + "x".repeat(64)},
            {"docker.io/library", "-docker.io/library"},
            {"\"interactive\": true", "\"interactive\": 1"},
            {"[\"--read-only\"", "[1, \"--read-only\""},
            {"\"mtu\": 1500", "\"mtu\": 500"},
            {"\"ipv6\": false,", ""},
            {"nameserver 172", "nameserver\\n172"},
            {"\"disk\": 3", "\"disk\": 2"},
            {"\"number\": 0", "\"number\": 12"},
            {"\"target\": \"/", "\"target\": \""},
            {"\"copyUp\": false,", ""},
        }) {
            String wrong = example.replace(change[0], change[1]);
            assertThat(wrong).as(change[0]).isNotEqualTo(example);
            assertThat(faults(schema, JSON.fromJsonObject(wrong), "plan"))
                    .as(change[1])
                    .isNotEmpty();
            assertThat(Stream.of(wrong).filter(PlanSchemaTest::isPlan))
                    .as(change[1])
                    .isEmpty();
        }
    }

    private static boolean isPlan(String document) {
        try {
            PlanJson.read(document);
            return true;
        } catch (PlanException refused) {
            return false;
        }
    }

    /** Judges by the part of JSON Schema that this schema uses. */
    private static List<String> faults(Map<String, Object> rule, Object value, String where) {
        List<String> faults = new ArrayList<>();
        rule.forEach((keyword, wanted) -> {
            boolean good = switch (keyword) {
                case "$schema", "$id", "title", "description" -> true;
                case "const" -> ((Number) wanted).doubleValue() == (value instanceof Number is ? is.doubleValue() : -1);
                case "type" -> isOfType((String) wanted, value);
                case "pattern" ->
                    value instanceof String text
                            && Pattern.compile((String) wanted).matcher(text).find();
                case "minimum" ->
                    value instanceof Number number && number.doubleValue() >= ((Number) wanted).doubleValue();
                case "maximum" ->
                    value instanceof Number number && number.doubleValue() <= ((Number) wanted).doubleValue();
                case "maxLength" -> value instanceof String text && text.length() <= ((Number) wanted).intValue();
                case "required" ->
                    value instanceof Map<?, ?> fields && fields.keySet().containsAll((List<?>) wanted);
                case "additionalProperties" ->
                    value instanceof Map<?, ?> fields
                            && properties(rule).keySet().containsAll(fields.keySet());
                case "properties" -> {
                    if (value instanceof Map<?, ?> fields) {
                        properties(rule).forEach((name, field) -> {
                            if (fields.containsKey(name)) {
                                faults.addAll(faults(
                                        object(properties(rule), name),
                                        Objects.requireNonNull(fields.get(name)),
                                        where + "." + name));
                            }
                        });
                    }
                    yield true;
                }
                case "items" -> {
                    if (value instanceof List<?> elements) {
                        elements.forEach(each -> faults.addAll(faults(object(rule, "items"), each, where + "[]")));
                    }
                    yield true;
                }
                default -> throw new AssertionError("this test does not know the keyword " + keyword);
            };
            if (!good) {
                faults.add(where + ": " + keyword + " " + wanted);
            }
        });
        return faults;
    }

    private static boolean isOfType(String type, Object value) {
        return switch (type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "integer" -> value instanceof Number number && number.doubleValue() == Math.rint(number.doubleValue());
            default -> throw new AssertionError("this test does not know the type " + type);
        };
    }

    private static Map<String, Object> properties(Map<String, Object> holder) {
        return object(holder, "properties");
    }

    @SuppressWarnings("unchecked") // JSON's objects
    private static Map<String, Object> object(Map<String, Object> holder, String name) {
        return (Map<String, Object>) Objects.requireNonNull(holder.get(name), name);
    }

    private static List<?> list(Map<String, Object> holder, String name) {
        return (List<?>) Objects.requireNonNull(holder.get(name), name);
    }

    private static String[] components(Class<? extends Record> type) {
        return Stream.of(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toArray(String[]::new);
    }

    private static String read(String directory, String name) {
        try {
            return Files.readString(Path.of("..", directory, name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
