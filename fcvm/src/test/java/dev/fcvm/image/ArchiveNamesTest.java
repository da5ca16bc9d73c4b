package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.image.ImageReference.InFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveNamesTest {

    private static final String NAMED = """
            {"schemaVersion":2,"manifests":[{"digest":"%s","size":1,
             "annotations":{"org.opencontainers.image.ref.name":"%s"}}]}
            """;

    @TempDir
    Path directory;

    @Test
    void shouldGiveAnImageInAnOciArchiveANameOfThisHost() throws Exception {
        Path file = archive("index.json", NAMED.formatted(RawManifestTest.digest(0), "web:2"));

        assertThat(of("oci-archive:" + file)).containsExactly("localhost/web:2");
        assertThat(of("oci-archive:" + file + ":other")).containsExactly("localhost/other:latest");
    }

    @Test
    void shouldKeepAFullNameAsItIs() throws Exception {
        Path file = archive("./index.json", NAMED.formatted(RawManifestTest.digest(0), "quay.io/a/b:2"));

        assertThat(of("oci-archive:" + file)).containsExactly("quay.io/a/b:2");
    }

    @Test
    void shouldGiveAnImageInADockerArchiveAllItsTags() throws Exception {
        Path file = archive(
                "manifest.json",
                "[{\"Config\":\"c.json\",\"RepoTags\":[\"alpine:3\",\"quay.io/a/b:2\",\"No Name\"],\"Layers\":[]}]");

        assertThat(of("docker-archive:" + file)).containsExactly("localhost/alpine:3", "quay.io/a/b:2");
        assertThat(of("docker-archive:" + file + ":alpine:3")).containsExactly("localhost/alpine:3", "quay.io/a/b:2");
        assertThat(of("docker-archive:" + file + ":x/y:1")).containsExactly("localhost/x/y:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[null]",
                "[]",
                "{}",
                "[{\"RepoTags\":null}]",
                "[{\"RepoTags\":[null]}]",
                "[{\"RepoTags\":[\"../../etc/passwd\"]}]",
                "[{},{}]",
                "not json",
                "{\"manifests\":[{\"digest\":\"x\"}]}"
            })
    void shouldDoWithoutANameWhenTheFileHasNoneThatIsOne(String content) throws Exception {
        assertThat(tagged(content)).isEmpty();
        assertThat(annotated(content)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../etc/cron.d/x", "/absolute", "a b", "\\u001b[2J", "A:B", ""})
    void shouldNotTakeAnAnnotationForANameThatIsNone(String name) throws Exception {
        assertThat(annotated(NAMED.formatted(RawManifestTest.digest(0), name))).isEmpty();
    }

    @Test
    void shouldTakeNoNameFromAnAnnotationThatIsNull() throws Exception {
        String text = NAMED.formatted(RawManifestTest.digest(0), "x").replace("\"x\"", "null");

        assertThat(annotated(text)).isEmpty();
    }

    @Test
    void shouldDoWithoutANameWhenTheFileIsNoArchive() throws Exception {
        Path file = Files.writeString(directory.resolve("words"), "not an archive");

        assertThat(of("oci-archive:" + file)).isEmpty();
        assertThat(of("docker-archive:" + file)).isEmpty();
        assertThat(of("dir:" + directory)).isEmpty();
    }

    @Test
    void shouldTakeAnotherEnginesShortNamesForDockerHubs() {
        assertThat(ArchiveNames.docker("alpine:3")).hasToString("[docker.io/library/alpine:3]");
        assertThat(ArchiveNames.docker("localhost/a")).hasToString("[localhost/a:latest]");
        assertThat(ArchiveNames.docker("@0123")).isEmpty();
    }

    /** What Podman 5.4.2 said to each: Loaded image. */
    @ParameterizedTest
    @CsvSource({
        "two/b:1, localhost/two/b:1",
        "busybox:latest, localhost/busybox:latest",
        "quay.io/x/y:1, quay.io/x/y:1",
        "library/q:2, localhost/library/q:2",
        "docker.io/w:1, docker.io/library/w:1"
    })
    void shouldNameAnImageInADockerArchiveAsPodman5Does(String tag, String name) {
        assertThat(tagged("[{\"RepoTags\":[\"%s\"]}]".formatted(tag)))
                .extracting(QualifiedName::toString)
                .containsExactly(name);
    }

    /** What Podman 5.4.2 said to each: Loaded image. */
    @ParameterizedTest
    @CsvSource({
        "docker.io/library/alp:3, 3, docker.io/library/alp:3",
        "alp:3, 3, localhost/alp:3",
        "'', 7, localhost/7:latest",
        "'', foo/bar:2, localhost/foo/bar:2"
    })
    void shouldNameAnImageInAnOciArchiveAsPodman5Does(String whole, String reference, String name) {
        assertThat(annotated("""
                        {"schemaVersion":2,"manifests":[{"digest":"%s","size":1,"annotations":
                         {"io.containerd.image.name":"%s","org.opencontainers.image.ref.name":"%s"}}]}
                        """.formatted(RawManifestTest.digest(0), whole, reference)))
                .extracting(QualifiedName::toString)
                .containsExactly(name);
    }

    private static List<QualifiedName> tagged(String json) {
        return ArchiveNames.of(ArchiveIndex.docker(json), "");
    }

    private static List<QualifiedName> annotated(String json) {
        return ArchiveNames.of(ArchiveIndex.oci(json), "");
    }

    private static List<String> of(String reference) throws Exception {
        return ArchiveNames.of((InFile) ImageReference.parse(reference, Path::of), tool -> tool).stream()
                .map(QualifiedName::toString)
                .toList();
    }

    private Path archive(String member, String content) throws Exception {
        Path content0 = Files.createDirectories(directory.resolve("content"));
        Files.writeString(content0.resolve(member), content);
        Path file = directory.resolve("archive.tar");
        Process tar = new ProcessBuilder("tar", "-C", content0.toString(), "-czf", file.toString(), member)
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        return file;
    }
}
