package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every kind of reference that skopeo takes, and the life of an image in the cache. */
@MachineTest
class ImagesTest {

    @Test
    void shouldRunTheSameImageFromEveryTransport(Fcvm fcvm, Archives archives, Place place) {
        String storage = "containers-storage:[overlay@%s+%s]localhost/stored:1"
                .formatted(place.directory("storage"), place.directory("run"));
        Archives.copy("oci-archive:" + archives.ociArchive(TestImages.plain()), storage);
        try {
            for (String reference : List.of(
                    "docker-archive:" + archives.dockerArchive(TestImages.plain()),
                    "oci:" + archives.layout(TestImages.plain()) + ":plain",
                    "dir:" + archives.directory(TestImages.plain()),
                    storage)) {
                Outcome outcome = fcvm.run("run", "--quiet", "--rm", reference, "/bin/arguments", "ran");

                outcome.expect(0);
                assertThat(outcome.out()).as(reference).isEqualTo("</bin/arguments>\n<ran>\n");
            }
        } finally {
            Child.of("umount", "-q", place.root().resolve("storage/overlay").toString())
                    .run();
        }
    }

    /** Podman 5.4.2 on the same archive: 127, and nothing on standard output. */
    @Test
    void shouldRunAnImageWithoutLayersToItsMissingCommand(Fcvm fcvm, Archives archives) {
        Image empty = new Image("empty", Map.of("Cmd", List.of("/bin/sh")), List.of());

        Outcome outcome = fcvm.run("run", "--quiet", "--rm", "oci-archive:" + archives.ociArchive(empty));

        assertThat(outcome.exitCode()).isEqualTo(127);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void shouldListKeepAndRemoveImagesByDigest(Archives archives) {
        String plain = "oci-archive:" + archives.ociArchive(TestImages.plain());
        String opinionated = "oci-archive:" + archives.ociArchive(TestImages.opinionated());
        try (Fcvm fcvm = Fcvm.create()) {
            assertThat(fcvm.run("images", "--json").expect(0).out().strip()).isEqualTo("[]");
            fcvm.run("pull", plain).expect(0);
            fcvm.run("pull", plain).expect(0);
            fcvm.run("pull", opinionated).expect(0);

            assertThat(fcvm.run("images").expect(0).out().lines()).hasSize(3);
            String json = fcvm.run("images", "--json").expect(0).out();
            assertThat(Json.list(json)).hasSize(2);

            fcvm.run("rmi", plain).expect(0);
            assertThat(Json.list(fcvm.run("images", "--json").expect(0).out())).hasSize(1);
            fcvm.run("image", "prune", "--all", "--force").expect(0);
            assertThat(Json.list(fcvm.run("images", "--json").expect(0).out())).isEmpty();
        }
    }
}
