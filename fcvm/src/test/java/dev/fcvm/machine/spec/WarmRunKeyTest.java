package dev.fcvm.machine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.PublishedPorts;
import dev.fcvm.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WarmRunKeyTest {

    private static final String SECRET = "PASSWORD=tiger";

    @Test
    void shouldBeOneForRunsThatDifferInWhatIsTheirOwnAlone() throws Exception {
        String key = key(request("web", List.of("8080:80"), List.of(SECRET)), "sha256:1", Map.of());
        assertThat(WarmRunKey.isOne(key)).isTrue();
        assertThat(key(request("other", List.of("8081:80", "9000:90"), List.of(SECRET)), "sha256:1", Map.of()))
                .isEqualTo(key);
        assertThat(key.contains("tiger")).isFalse();
    }

    @Test
    void shouldBeAnotherForAnotherImageEnvironmentOrMachine() throws Exception {
        RunRequest request = request("web", List.of(), List.of(SECRET));
        String key = key(request, "sha256:1", Map.of());
        assertThat(List.of(
                        key,
                        key(request, "sha256:2", Map.of()),
                        key(request("web", List.of(), List.of("PASSWORD=lion")), "sha256:1", Map.of()),
                        key(request, "sha256:1", Map.of("FCVM_KERNEL", "/boot/other")),
                        key(request, "sha256:1", Map.of("FCVM_DISK_SIZE", "1g"))))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldNotTakeASnapshotOfTheUsersForOne() {
        assertThat(WarmRunKey.isOne("warm-run-mine")).isFalse();
        assertThat(WarmRunKey.isOne("warm")).isFalse();
    }

    private static String key(RunRequest request, String image, Map<String, String> variables) throws Exception {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("HOME", "/home/user");
        return WarmRunKey.of(
                request,
                new ResolvedImage(Path.of("/store"), image, "1", true, true, "", List.of(), List.of(), ""),
                SettingsReader.read(Map.of(), environment, Path.of("/")));
    }

    private static RunRequest request(String name, List<String> ports, List<String> environment) throws Exception {
        var flags = new ContainerFlags(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of("a=b"),
                false,
                List.of(),
                List.of(),
                List.of(),
                false,
                List.of(),
                List.of());
        return new RunRequest(
                name + ":latest",
                List.of("serve"),
                Optional.of(name),
                Optional.of(name),
                Optional.empty(),
                Optional.of("512m"),
                environment,
                flags,
                false,
                false,
                1000,
                name.equals("web"),
                Optional.empty(),
                NetworkRequest.without(GuestNames.HOSTS).with(PublishedPorts.parse(ports)),
                name.equals("web"),
                new RateFlags(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
                List.of(),
                List.of(),
                Optional.of("mode=log,pattern=x"),
                name.equals("web") ? Optional.of(Duration.ofMinutes(1)) : Optional.empty());
    }
}
