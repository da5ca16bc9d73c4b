package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.Layer;
import dev.fcvm.it.harness.LocalRegistry;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Images from a real registry: tags, digests, credentials, and when it is asked again. */
@MachineTest
class RegistryTest {

    private static final String CREDENTIALS = Base64.getEncoder()
            .encodeToString((LocalRegistry.USER + ":" + LocalRegistry.PASSWORD).getBytes(StandardCharsets.UTF_8));

    @Test
    void shouldAskTheRegistryAsOftenAsThePullPolicySays(Fcvm fcvm, Archives archives) {
        String name;
        try (LocalRegistry registry = LocalRegistry.open()) {
            name = registry.push(saying("first"), "1", archives);
            Complaint.alone(
                    fcvm.run("run", "--quiet", "--rm", "--tls-verify=false", "--pull", "never", name), name, "pull");
            assertThat(said(fcvm, "missing", name)).isEqualTo("first\n");

            Image second = saying("second");
            registry.push(second, "1", archives);
            assertThat(said(fcvm, "missing", name))
                    .as("it has one of that name")
                    .isEqualTo("first\n");
            assertThat(said(fcvm, "newer", name)).isEqualTo("second\n");

            String digest = registry.digest(name);
            registry.push(saying("third"), "1", archives);
            assertThat(said(fcvm, "always", name)).isEqualTo("third\n");
            String byDigest = name.substring(0, name.lastIndexOf(':')) + "@" + digest;
            assertThat(said(fcvm, "missing", byDigest)).isEqualTo("second\n");
        }

        assertThat(said(fcvm, "newer", name))
                .as("the registry is gone, but one is here")
                .isEqualTo("third\n");
        Complaint.alone(fcvm.run("run", "--quiet", "--rm", "--tls-verify=false", "--pull", "always", name), name);
    }

    @Test
    void shouldTakeCredentialsWherePodmanAndDockerKeepThem(Fcvm fcvm, Archives archives, Place place) {
        try (LocalRegistry registry = LocalRegistry.withPassword()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            String right = auth(registry, CREDENTIALS);
            Path file = place.file("right.json", right);
            Path wrong = place.file(
                    "wrong.json",
                    auth(
                            registry,
                            Base64.getEncoder().encodeToString("tester:guess".getBytes(StandardCharsets.UTF_8))));

            Complaint.alone(fcvm.run("pull", "--quiet", "--tls-verify=false", name), name);
            Complaint.alone(
                    fcvm.run("pull", "--quiet", "--tls-verify=false", "--authfile", wrong.toString(), name), name);
            assertThat(fcvm.run("images", "--json").expect(0).out()).doesNotContain(registry.address());

            fcvm.run("pull", "--quiet", "--tls-verify=false", "--authfile", file.toString(), name)
                    .expect(0);
            fcvm.run("rmi", name).expect(0);

            Path docker = fcvm.place().file("home/.docker/config.json", right);
            fcvm.run("pull", "--quiet", "--tls-verify=false", name).expect(0);
            fcvm.run("rmi", name).expect(0);
            assertThat(docker.toFile().delete()).isTrue();

            Path podman = fcvm.place().file("r/containers/auth.json", right);
            fcvm.run("pull", "--quiet", "--tls-verify=false", name).expect(0);
            fcvm.run("rmi", name).expect(0);
            assertThat(podman.toFile().delete()).isTrue();
            assertThat(fcvm.place().root().resolve("r/containers").toFile().delete())
                    .isTrue();
            Complaint.alone(fcvm.run("pull", "--quiet", "--tls-verify=false", name), name);
        }
    }

    @Test
    void shouldInsistOnTlsUnlessToldNotTo(Fcvm fcvm, Archives archives) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);

            Complaint.alone(fcvm.run("pull", "--quiet", name), name);
        }
    }

    @Test
    void shouldSayWhenTheRegistryHasNoSuchImage(Fcvm fcvm) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.address() + "/nothing/here:1";

            Complaint.alone(fcvm.run("run", "--quiet", "--rm", "--tls-verify=false", name, "true"), name);
        }
    }

    private static String said(Fcvm fcvm, String policy, String name) {
        return fcvm.run("run", "--quiet", "--rm", "--tls-verify=false", "--pull", policy, name)
                .expect(0)
                .out();
    }

    private static Image saying(String words) {
        Image image = TestImages.plain()
                .with("changing", new Layer().file("bin/say", 0755, "#!/bin/sh\necho " + words + "\n"));
        return new Image(words, java.util.Map.of("Cmd", java.util.List.of("/bin/say")), image.layers());
    }

    private static String auth(LocalRegistry registry, String credentials) {
        return "{\"auths\":{\"" + registry.address() + "\":{\"auth\":\"" + credentials + "\"}}}";
    }
}
