package dev.fcvm.guest.resident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.guest.runtime.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the container is the one which podman run makes is shown on a machine: WarmStartTest. */
class CreationTest {

    private static @Nullable String of(List<String> options, List<String> environment) {
        return Creation.of(new Creation.Wanted(
                options, "image", List.of("say", "\"a\nb\\"), environment, false, List.of("podman"), Path.of("/pid")));
    }

    private static Map<String, String> members(String... options) throws Exception {
        return JsonObject.members(String.valueOf(of(List.of(options), List.of("A=b=c", "B="))));
    }

    @Test
    void shouldSayWhatTheFlagsSay() throws Exception {
        assertThat(members(
                        "--name=otter",
                        "--hostname=host",
                        "--workdir=/w",
                        "--user=1:2",
                        "--entrypoint=/bin/sh",
                        "--memory=1000b",
                        "--cpus=1.5",
                        "--label=a=b=c",
                        "--label=d",
                        "--volume=/from:/to:ro",
                        "--cap-add=A",
                        "--cap-drop=B",
                        "--read-only",
                        "--replace"))
                .containsEntry("name", "\"otter\"")
                .containsEntry("hostname", "\"host\"")
                .containsEntry("work_dir", "\"/w\"")
                .containsEntry("user", "\"1:2\"")
                .containsEntry("entrypoint", "[\"/bin/sh\"]")
                .containsEntry("command", "[\"say\",\"\\\"a\\u000ab\\\\\"]")
                .containsEntry("env", "{\"A\":\"b=c\",\"B\":\"\"}")
                .containsEntry("labels", "{\"a\":\"b=c\",\"d\":\"\"}")
                .containsEntry(
                        "resource_limits",
                        "{\"memory\":{\"limit\":1000,\"swap\":2000},\"cpu\":{\"quota\":150000,\"period\":100000}}")
                .containsEntry(
                        "mounts",
                        "[{\"destination\":\"/to\",\"type\":\"bind\",\"source\":\"/from\",\"options\":[\"ro\"]}]")
                .containsEntry("cap_add", "[\"A\"]")
                .containsEntry("cap_drop", "[\"B\"]")
                .containsEntry("read_only_filesystem", "true")
                .containsEntry("privileged", "false")
                .containsEntry("netns", "{\"nsmode\":\"none\"}")
                .containsEntry("log_configuration", "{\"driver\":\"passthrough\"}");
    }

    @Test
    void shouldTakeTheLastOfWhatIsSaidTwice() throws Exception {
        assertThat(members("--user=a", "--user=b", "--label=a=1", "--label=a=2"))
                .containsEntry("user", "\"b\"")
                .containsEntry("labels", "{\"a\":\"2\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--init",
                "--tmpfs=/x",
                "--health-cmd=true",
                "--entrypoint=",
                "--entrypoint=[\"a\"]",
                "--label==x",
                "--memory=1m",
                "--cpus=0",
                "--cpus=many",
                "--volume=name:/x:rw",
                "--volume=/a:/b",
                "--volume=/a:/b:ro,z",
                "--user=",
                "--privileged=false",
                "--name=a\0b"
            })
    void shouldLeaveToPodmansProgramWhatItDoesNotKnow(String option) {
        assertThat(of(List.of("--name=otter", option), List.of())).isNull();
    }

    @Test
    void shouldLeaveTwoMountsInOnePlaceToPodmansProgramWhichRefusesThem() {
        assertThat(of(List.of("--volume=/a:/x:ro", "--volume=/b:/x:rw"), List.of()))
                .isNull();
    }
}
