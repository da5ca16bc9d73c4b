package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.Index;
import dev.fcvm.it.harness.Layer;
import dev.fcvm.it.harness.LocalRegistry;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.SilentRegistry;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fetching from a real registry, without booting anything. */
@MachineTest
class RegistryPullTest {

    @AfterEach
    void empty(Fcvm fcvm) {
        fcvm.run("rmi", "--all").expect(0);
        Store.isTidy(fcvm);
    }

    @Test
    void shouldFetchOnceByTagAndDigest(Fcvm fcvm, Archives archives) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            String digest = registry.digest(name);
            long pushed = blobs(registry);
            String id = pull(fcvm, name);
            long fetched = blobs(registry) - pushed;

            assertThat(pull(fcvm, name)).isEqualTo(id);
            assertThat(pull(fcvm, name.replaceFirst(":1$", "@" + digest))).isEqualTo(id);
            assertThat(pull(fcvm, "docker://" + name)).isEqualTo(id);

            assertThat(fetched).as("a configuration and two layers").isEqualTo(3);
            assertThat(blobs(registry) - pushed).as("asked again, fetched once").isEqualTo(fetched);
            assertThat(Store.images(fcvm)).singleElement().satisfies(image -> {
                assertThat(image.get("Digest")).isEqualTo(digest);
                assertThat(image.get("RepoTags")).isEqualTo(List.of(name));
                assertThat(image.get("RepoDigests")).isEqualTo(List.of(name.replaceFirst(":1$", "@" + digest)));
            });
        }
    }

    @Test
    void shouldFetchWhatIsSignedInTheFirstFormOfManifestsByTagAndDigest(Fcvm fcvm, Archives archives) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.pushSigned(TestImages.plain(), "test/old:1", archives);

            String id = pull(fcvm, name);
            String digest = Store.images(fcvm).stream()
                    .flatMap(image ->
                            image.get("RepoDigests") instanceof List<?> digests ? digests.stream() : Stream.empty())
                    .map(String::valueOf)
                    .findFirst()
                    .orElseThrow();

            assertThat(pull(fcvm, digest))
                    .as("by the digest that the registry gives it")
                    .isEqualTo(id);
        }
    }

    @Test
    void shouldKeepAnImageThatIsPinnedByItsDigestWhateverTheTagDoes(Fcvm fcvm, Archives archives) {
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            String pinned = name.replaceFirst(":1$", "@" + registry.digest(name));
            String id = pull(fcvm, pinned);
            String moved = registry.push(saying("second"), "1", archives);
            String other = pull(fcvm, moved);
            registry.push(saying("third"), "1", archives);
            String third = pull(fcvm, moved);

            assertThat(pull(fcvm, pinned)).isEqualTo(id);
            assertThat(fcvm.run("images", "-n").expect(0).out())
                    .contains("/test/image  <none>")
                    .contains("<none>");
            assertThat(fcvm.run("image", "prune", "-f").expect(0).out().strip()).isEqualTo(other);
            assertThat(fcvm.run("images", "-q", "--no-trunc").expect(0).out().lines())
                    .containsExactlyInAnyOrder("sha256:" + id, "sha256:" + third);
            Complaint.alone(
                    fcvm.run("pull", "-q", "--tls-verify=false", name.replaceFirst(":1$", "@sha256:" + "0".repeat(64))),
                    "no such image");
        }
    }

    @Test
    void shouldTakeTheRightArchitectureOfAnIndex(Fcvm fcvm, Archives archives, Place place) {
        Map<String, Image> images = new LinkedHashMap<>();
        images.put("s390x", saying("other"));
        images.put(Image.architecture(), TestImages.plain());
        Path layout = Index.write(place.directory("index"), images);
        try (LocalRegistry registry = LocalRegistry.open()) {
            String name = registry.push("oci:" + layout, "two/architectures:1");

            String own = pull(fcvm, name);
            assertThat(Store.images(fcvm))
                    .singleElement()
                    .satisfies(image -> assertThat(image.get("Arch")).isEqualTo(Image.architecture()));
            assertThat(own).isEqualTo(pull(fcvm, "oci-archive:" + archives.ociArchive(TestImages.plain())));

            String other = fcvm.run("pull", "-q", "--tls-verify=false", "--arch", "s390x", name)
                    .expect(0)
                    .out()
                    .strip();
            assertThat(other).isNotEqualTo(own);
            assertThat(pull(fcvm, "oci:" + layout))
                    .as("the same index as a directory")
                    .isEqualTo(own);
            Complaint.alone(
                    fcvm.run("pull", "-q", "--tls-verify=false", "--platform", "linux/riscv64", name),
                    "linux/riscv64",
                    "linux/s390x");
            String digest = registry.digest(name);
            assertThat(pull(fcvm, name.replaceFirst(":1$", "@" + digest))).isEqualTo(own);
        }
    }

    @Test
    void shouldNotShowASecretToAnybody(Fcvm fcvm, Place place) throws IOException {
        String secret = Base64.getEncoder().encodeToString("tester:a secret".getBytes(StandardCharsets.UTF_8));
        try (SilentRegistry registry = SilentRegistry.start()) {
            Path file = place.file(
                    "auth.json", "{\"auths\":{\"" + registry.address() + "\":{\"auth\":\"" + secret + "\"}}}");
            try (Child child = fcvm.call(
                            "pull", "--tls-verify=false", "--authfile", file.toString(), registry.address() + "/a/b:1")
                    .start()) {
                registry.awaitCaller();

                List<String> seen = fcvm.processes().toList();
                assertThat(seen).anyMatch(line -> line.contains("skopeo"));
                for (String line : seen) {
                    assertThat(line).doesNotContain(secret, "a secret");
                    Path environment = Path.of("/proc/" + line.substring(0, line.indexOf(':')) + "/environ");
                    assertThat(Files.readString(environment, StandardCharsets.ISO_8859_1))
                            .doesNotContain(secret, "a secret");
                }
                child.signal("INT");
                assertThat(child.outcome().expect(130).err()).doesNotContain(secret, "a secret");
            }
        }
    }

    @Test
    void shouldTakeCredentialsFromTheFileTheEnvironmentNames(Fcvm fcvm, Archives archives, Place place) {
        try (LocalRegistry registry = LocalRegistry.withPassword()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            String secret = Base64.getEncoder()
                    .encodeToString(
                            (LocalRegistry.USER + ":" + LocalRegistry.PASSWORD).getBytes(StandardCharsets.UTF_8));
            Path file = place.file(
                    "auth.json", "{\"auths\":{\"" + registry.address() + "\":{\"auth\":\"" + secret + "\"}}}");

            fcvm.call("pull", "-q", "--tls-verify=false", name)
                    .env("REGISTRY_AUTH_FILE", file.toString())
                    .run()
                    .expect(0);
            fcvm.run("rmi", name).expect(0);
            Complaint.alone(fcvm.run("pull", "-q", "--tls-verify=false", name), name, "skopeo login");
            Path broken = place.file("broken.json", "{\"auths\":");
            Complaint.alone(
                    fcvm.run("pull", "-q", "--tls-verify=false", "--authfile", broken.toString(), name), "--authfile");
        }
    }

    @Test
    void shouldTrustTheCertificatesThatPodmanTrusts(Fcvm fcvm, Archives archives) throws IOException {
        try (LocalRegistry registry = LocalRegistry.withTls()) {
            String name = registry.push(TestImages.plain(), "1", archives);
            Complaint.alone(fcvm.run("pull", "-q", name), name, "certs.d/" + registry.address());
            Complaint.alone(fcvm.run("pull", "-q", "--tls-verify=true", name), name, "certs.d");

            fcvm.run("pull", "-q", "--tls-verify=false", name).expect(0);
            fcvm.run("rmi", name).expect(0);

            fcvm.place()
                    .file(
                            "home/.config/containers/certs.d/" + registry.address() + "/ca.crt",
                            Files.readString(registry.certificate()));
            fcvm.run("pull", "-q", name).expect(0);
        }
    }

    @Test
    void shouldNotWaitForEverForARegistryThatSaysNothing(Fcvm fcvm) throws IOException {
        try (SilentRegistry registry = SilentRegistry.start()) {
            String name = registry.address() + "/a/b:1";

            Complaint.alone(fcvm.run("pull", "-q", "--tls-verify=false", name), name, "cannot be reached");
        }
    }

    @Test
    void shouldSayThatARegistryCannotBeReached(Fcvm fcvm) {
        Complaint.alone(fcvm.run("pull", "-q", "127.0.0.1:1/a/b:1"), "127.0.0.1:1/a/b:1", "cannot be reached");
        Complaint.alone(
                fcvm.run("pull", "-q", "no-such-host.invalid/a:1"), "no-such-host.invalid", "cannot be reached");
    }

    private static String pull(Fcvm fcvm, String name) {
        return fcvm.run("pull", "-q", "--tls-verify=false", name)
                .expect(0)
                .out()
                .strip();
    }

    private static long blobs(LocalRegistry registry) {
        return registry.requests("GET", "/v2/test/image/blobs/");
    }

    static Image saying(String words) {
        Image image =
                TestImages.plain().with(words, new Layer().file("bin/say", 0755, "#!/bin/sh\necho " + words + "\n"));
        return new Image(words, Map.of("Cmd", List.of("/bin/say")), image.layers());
    }
}
