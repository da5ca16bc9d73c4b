package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are given and taken by hand, and forms that are told by what is in a file. */
class NamingTest {

    @TempDir
    private Path directory;

    private ImageStore store;
    private ImageRecord image;
    private ImageReference reference;

    @BeforeEach
    void putAnImage() throws Exception {
        Path place = directory.resolve("store");
        image = TestStore.put(new Catalogue(place), 1);
        store = ImageStore.open(place, Map.of("HOME", directory.toString()), TestStore.BOUNDS);
        reference = ImageReference.parse(image.id(), Path::of);
    }

    private List<String> tags() throws Exception {
        return store.list().getFirst().tags().stream()
                .map(QualifiedName::toString)
                .toList();
    }

    @Test
    void shouldGiveNamesAndTakeThemAndKeepTheImage() throws Exception {
        store.tag(reference, List.of("mine", "mine:2", "quay.io/a/b:3"));
        assertThat(tags()).containsExactlyInAnyOrder("localhost/mine:latest", "localhost/mine:2", "quay.io/a/b:3");

        store.untag(reference, List.of("mine:2"));
        assertThat(tags()).containsExactlyInAnyOrder("localhost/mine:latest", "quay.io/a/b:3");

        store.untag(reference, List.of());
        assertThat(tags()).isEmpty();
        assertThat(store.inspect(reference).id()).isEqualTo(image.id());
    }

    @Test
    void shouldTakeNoNameWhenOneOfThemIsNotTheImages() throws Exception {
        store.tag(reference, List.of("mine"));

        assertThatThrownBy(() -> store.untag(reference, List.of("mine", "yours")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("localhost/yours:latest: tag not known");
        assertThat(tags()).containsExactly("localhost/mine:latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "UPPER",
                "a b",
                "../x",
                "mine@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            })
    void shouldRefuseWhatIsNoName(String name) {
        assertThatThrownBy(() -> store.tag(reference, List.of(name))).isInstanceOf(FcvmException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "manifest.json, docker-archive:",
        "oci-layout, oci-archive:",
        "./oci-layout, oci-archive:",
        "'oci-layout manifest.json', docker-archive:",
        "readme, docker-archive:"
    })
    void shouldKnowAnArchiveByWhatIsInIt(String names, String form) throws IOException {
        Path archive = directory.resolve("archive");
        try (OutputStream out = Files.newOutputStream(archive)) {
            for (String name : names.split(" ", -1)) {
                byte[] header = new byte[512];
                System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, header, 0, name.length());
                System.arraycopy("00000000003".getBytes(StandardCharsets.US_ASCII), 0, header, 124, 11);
                out.write(header);
                out.write(new byte[512]);
            }
            out.write(new byte[1024]);
        }

        assertThat(ImageForm.of(archive).prefix()).isEqualTo(form);
    }

    @Test
    void shouldKnowADirectoryByItsIndex() throws IOException {
        assertThat(ImageForm.of(directory).prefix()).isEqualTo("dir:");
        Files.writeString(directory.resolve("index.json"), "{}");
        assertThat(ImageForm.of(directory).prefix()).isEqualTo("oci:");
    }
}
