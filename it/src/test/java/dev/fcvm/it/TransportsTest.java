package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images in files, directories and other engines: fetched without booting, named as Podman names them, or refused. */
@MachineTest
class TransportsTest {

    @AfterEach
    void empty(Fcvm fcvm) {
        fcvm.run("rmi", "--all").expect(0);
        Store.isTidy(fcvm);
    }

    @Test
    void shouldKnowTheSameImageByItsIdWhereverItComesFrom(Fcvm fcvm, Archives archives, Place place) {
        String storage = "containers-storage:[overlay@%s+%s]localhost/stored:1"
                .formatted(place.directory("storage"), place.directory("run"));
        Archives.copy("oci-archive:" + archives.ociArchive(TestImages.plain()), storage);
        try {
            assertThat(Stream.of(
                                    "oci-archive:" + archives.ociArchive(TestImages.plain()),
                                    "oci:" + archives.layout(TestImages.plain()) + ":plain",
                                    "dir:" + archives.directory(TestImages.plain()),
                                    "docker-archive:" + archives.dockerArchive(TestImages.plain()),
                                    storage)
                            .map(reference -> pull(fcvm, reference))
                            .distinct())
                    .hasSize(1);
            assertThat(Store.names(fcvm)).containsExactlyInAnyOrder("localhost/plain:latest", "localhost/stored:1");
        } finally {
            Child.of("umount", "-q", place.root().resolve("storage/overlay").toString())
                    .run();
        }
    }

    @Test
    void shouldTakeAnArchiveAnewOnlyWhenItHasChanged(Fcvm fcvm, Archives archives, Place place) throws IOException {
        Path file = place.root().resolve("image.tar");
        Files.copy(archives.ociArchive(TestImages.plain()), file);
        String first = pull(fcvm, "oci-archive:" + file);
        assertThat(pull(fcvm, "oci-archive:" + file)).isEqualTo(first);

        Files.delete(file);
        Files.copy(archives.ociArchive(TestImages.opinionated()), file);

        assertThat(pull(fcvm, "oci-archive:" + file)).isNotEqualTo(first);
    }

    @Test
    void shouldChooseTheNamedImageOfSeveralInAnArchive(Fcvm fcvm, Archives archives, Place place) {
        Path layout = place.root().resolve("several");
        Archives.copy("oci-archive:" + archives.ociArchive(TestImages.plain()), "oci:" + layout + ":a/one:1");
        Archives.copy("oci-archive:" + archives.ociArchive(TestImages.opinionated()), "oci:" + layout + ":two:2");

        String one = pull(fcvm, "oci:" + layout + ":a/one:1");
        String two = pull(fcvm, "oci:" + layout + ":two:2");

        assertThat(one).isNotEqualTo(two);
        assertThat(Store.names(fcvm)).containsExactlyInAnyOrder("localhost/a/one:1", "localhost/two:2");
        Complaint.alone(fcvm.run("pull", "-q", "oci:" + layout), layout.toString());
        Complaint.alone(fcvm.run("pull", "-q", "oci:" + layout + ":three"), "no such image");
    }

    @Test
    void shouldReadTheStoreOfAnOrdinaryUsersOwnPodman(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            String archive = "oci-archive:" + archives.ociArchive(TestImages.layered());
            String stored = "containers-storage:docker.io/library/stored:1";
            Child.of(user.prefix())
                    .with("skopeo", "--insecure-policy", "copy", "-q", archive, stored)
                    .env("HOME", fcvm.home().toString())
                    .env("XDG_RUNTIME_DIR", fcvm.runtime().toString())
                    .without("XDG_DATA_HOME")
                    .without("XDG_CONFIG_HOME")
                    .in(fcvm.place().root())
                    .run()
                    .expect(0);

            String id = pull(fcvm, "containers-storage:stored:1");

            assertThat(Store.names(fcvm)).containsExactly("docker.io/library/stored:1");
            assertThat(pull(fcvm, archive)).isEqualTo(id);
            Complaint.alone(fcvm.run("pull", "-q", "containers-storage:never-heard-of"), "no such image");
            // Of the store's own files some belong to other users of the user's namespace.
            Child.of(user.prefix())
                    .with("unshare", "--user", "--map-root-user", "--map-auto", "rm", "-rf")
                    .with(fcvm.home().resolve(".local").toString())
                    .run();
        }
    }

    @Test
    void shouldRefuseADamagedArchiveInOneLine(Fcvm fcvm, Archives archives, Place place) throws IOException {
        byte[] oci = Files.readAllBytes(archives.ociArchive(TestImages.plain()));
        byte[] docker = Files.readAllBytes(archives.dockerArchive(TestImages.plain()));
        byte[] flipped = oci.clone();
        flipped[oci.length / 2] ^= 1;
        Path directory = place.root();
        Files.write(directory.resolve("cut.tar"), Arrays.copyOf(oci, oci.length / 2));
        Files.write(directory.resolve("flipped.tar"), flipped);
        Files.write(directory.resolve("empty.tar"), new byte[0]);
        Files.write(directory.resolve("words.tar"), "no archive\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Files.write(directory.resolve("docker-cut.tar"), Arrays.copyOf(docker, docker.length / 2));
        Files.write(directory.resolve("whole.tar"), oci);
        for (String reference : List.of(
                "oci-archive:" + directory + "/cut.tar",
                "oci-archive:" + directory + "/flipped.tar",
                "oci-archive:" + directory + "/empty.tar",
                "oci-archive:" + directory + "/words.tar",
                "docker-archive:" + directory + "/docker-cut.tar",
                "docker-archive:" + directory + "/words.tar",
                "docker-archive:" + directory + "/whole.tar")) {
            Complaint.alone(fcvm.run("pull", "-q", reference), reference, "anew");
            Store.isTidy(fcvm);
        }
        assertThat(Store.images(fcvm)).isEmpty();
    }

    @Test
    void shouldRefuseALayoutInWhichSomethingIsMissingOrWrong(Fcvm fcvm, Archives archives, Place place)
            throws IOException {
        Path whole = archives.layout(TestImages.plain());
        List<Path> blobs;
        try (Stream<Path> all = Files.list(whole.resolve("blobs/sha256"))) {
            blobs = all.toList();
        }
        int number = 0;
        for (Path blob : blobs) {
            // skopeo does not compare a manifest in a directory with its digest, and takes a space at its end.
            boolean manifest =
                    Files.size(blob) < 10_000 && Files.readString(blob).contains("\"layers\":[{");
            for (boolean missing : manifest ? new boolean[] {true} : new boolean[] {true, false}) {
                Path copy = place.root().resolve("copy" + number++);
                Child.of("cp", "-r", whole.toString(), copy.toString()).run().expect(0);
                Path victim = copy.resolve("blobs/sha256").resolve(blob.getFileName());
                if (missing) {
                    Files.delete(victim);
                } else {
                    Files.writeString(victim, " ", StandardOpenOption.APPEND);
                }

                Complaint.alone(fcvm.run("pull", "-q", "oci:" + copy + ":plain"), copy.toString());
                Store.isTidy(fcvm);
            }
        }
        Path index = place.file("no-index/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        Complaint.alone(fcvm.run("pull", "-q", "oci:" + index.getParent()), "index.json");
        place.file("bad-index/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        Path bad = place.file("bad-index/index.json", "{\"manifests\":[null,");
        Complaint.alone(fcvm.run("pull", "-q", "oci:" + bad.getParent()), "bad-index");
        assertThat(Store.images(fcvm)).isEmpty();
    }

    private static String pull(Fcvm fcvm, String reference) {
        return fcvm.run("pull", "-q", reference).expect(0).out().strip();
    }
}
