package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.vmm.ApiRecords.Body;
import io.avaje.jsonb.Jsonb;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * The fields of our records against those that the binary knows: it names them when it refuses one that it does not
 * know. Whatever version it is, each of its fields must be one of ours, and each of ours one of its, unless the table of
 * versions says that it came later.
 */
@MachineTest
@Timeout(60)
final class FirecrackerFieldsTest {

    /** Fields we never send: deprecated ones, and one that depends on how the binary was built. */
    private static final Set<String> NEVER = Set.of("vsock_id", "mem_file_path", "gdb_socket_path");

    private static final String BEFORE_THE_START =
            "The requested operation is not supported before starting the microVM.";

    @TestFactory
    Stream<DynamicTest> shouldHaveAllFieldsOfAndNoOtherFieldsThan(Place place) {
        return ApiRecords.all().stream()
                .map(body -> DynamicTest.dynamicTest(body.name(), () -> {
                    try (ApiProcess firecracker = ApiProcess.start(place)) {
                        check(firecracker, body);
                    }
                }));
    }

    @Test
    void shouldKnowTheWordsOfTheBinary(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            for (ApiRecords.Choice choice : ApiRecords.choices()) {
                Set<String> known = names(
                        firecracker.refuses(
                                choice.method(), choice.path(), choice.json().replace("%", "zzz")),
                        "[A-Za-z0-9]+");
                known.remove("zzz");
                assertThat(choice.words(firecracker.api().version()))
                        .as(choice.json())
                        .containsExactlyInAnyOrderElementsOf(known);
            }
        }
    }

    private static void check(ApiProcess firecracker, Body body) throws Exception {
        Set<String> ours = fields(body);
        Optional<String> missing = body.missing(firecracker.api().version());
        if (missing.isPresent()) {
            assertThat(firecracker.refusal(body.full()).orElseThrow()).hasMessage(missing.get());
        }
        String words = firecracker.refuses(body.full().method(), body.full().path(), body.unknown());
        if (words.startsWith("Invalid request method and/or path") || words.startsWith("Unrecognized ")) {
            assertThat(missing).as("the version that %s came with", body.name()).isPresent();
            return;
        }
        if (words.equals(BEFORE_THE_START)) {
            // It takes any field here; those it knows it tells by the type it wants of them.
            for (String field : ours) {
                assertThat(firecracker.refuses(
                                body.full().method(), body.full().path(), "{\"%s\":[]}".formatted(field)))
                        .contains("invalid type");
            }
            return;
        }
        Set<String> theirs = names(words, "[a-z0-9_]+");
        theirs.remove("zzz");
        theirs.removeIf(field -> NEVER.contains(field) && !ours.contains(field));
        ours.removeAll(body.later(firecracker.api().version()));
        assertThat(ours).as(words).containsExactlyInAnyOrderElementsOf(theirs);
    }

    private static Set<String> fields(Body body) {
        Object json = Jsonb.instance().type(Object.class).fromJson(body.json());
        for (String step : body.steps()) {
            json = json instanceof Map<?, ?> map ? map.get(step) : Map.of();
        }
        return ((Map<?, ?>) Objects.requireNonNull(json))
                .keySet().stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(String words, String form) {
        return Pattern.compile("`(" + form + ")`")
                .matcher(words)
                .results()
                .map(MatchResult::group)
                .map(name -> name.substring(1, name.length() - 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
