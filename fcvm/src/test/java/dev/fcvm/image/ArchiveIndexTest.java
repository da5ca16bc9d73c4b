package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference.InFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchiveIndexTest {

    private static final String TWO = "[{\"RepoTags\":[\"a:1\",\"a:2\"]},{\"RepoTags\":[]},{\"RepoTags\":[\"b:1\"]}]";

    private static String descriptor(int number, String name) {
        return "{\"digest\":\"%s\",\"size\":1,\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}}"
                .formatted(RawManifestTest.digest(number), name);
    }

    private static InFile reference(String text) throws Exception {
        return (InFile) ImageReference.parse(text, Path::of);
    }

    @Test
    void shouldSayWhatToWriteForEachOfSeveralImages() throws Exception {
        assertThatThrownBy(() -> ArchiveIndex.docker(TWO).requireOne(reference("docker-archive:/x.tar")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(
                        "it holds 3 images: say which: docker-archive:/x.tar:a:1 or docker-archive:/x.tar:@1 or docker-archive:/x.tar:b:1");
        String oci = "{\"manifests\":[" + descriptor(1, "a:1") + "," + descriptor(2, "b") + "]}";
        assertThatThrownBy(() -> ArchiveIndex.oci(oci).requireOne(reference("oci-archive:x.tar")))
                .hasMessageContaining("say which: oci-archive:x.tar:a:1 or oci-archive:x.tar:b");
    }

    @Test
    void shouldSayThatPlatformsSideBySideCannotBeToldApart() throws Exception {
        String same = "{\"manifests\":[" + descriptor(1, "p:1") + "," + descriptor(2, "p:1") + "]}";
        assertThatThrownBy(() -> ArchiveIndex.oci(same).requireOne(reference("oci-archive:x.tar")))
                .hasMessageContaining("holds 2 images side by side")
                .hasMessageContaining("docker buildx build -o type=oci,dest=FILE");
    }

    @Test
    void shouldShowNoNameThatIsNoneOnTheTerminal() throws Exception {
        String hostile = "[{\"RepoTags\":[\"\\u001b[2J\"]},{\"RepoTags\":[\"b\"]}]";
        assertThatThrownBy(() -> ArchiveIndex.docker(hostile).requireOne(reference("docker-archive:x.tar")))
                .message()
                .matches("\\P{Cntrl}+");
    }

    @Test
    void shouldBeContentWithOneImageOrANamedOne() throws Exception {
        InFile named = reference("docker-archive:x.tar:b:1");
        assertThatCode(() -> ArchiveIndex.docker(TWO).requireOne(named)).doesNotThrowAnyException();
        InFile open = reference("docker-archive:x.tar");
        assertThatCode(() -> ArchiveIndex.docker("[{}]").requireOne(open)).doesNotThrowAnyException();
        assertThatCode(() -> ArchiveIndex.docker("no list").requireOne(open)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"a:1,a:1", "a:2,a:1", "@1,@1", "@2,b:1"})
    void shouldFindAnImageByEachOfItsNamesAndItsNumber(String written, String reference) {
        assertThat(ArchiveIndex.docker(TWO).find(written).orElseThrow().reference())
                .isEqualTo(reference);
    }

    @ParameterizedTest
    @CsvSource({"c", "@3", "@9999", "''"})
    void shouldFindNothingElse(String written) {
        assertThat(ArchiveIndex.docker(TWO).find(written)).isEmpty();
    }
}
