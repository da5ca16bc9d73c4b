package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code images}, {@code rmi} and {@code image prune}, in the forms that scripts rely on. */
@MachineTest
class ImageCommandsTest {

    private String plain = "";
    private String opinionated = "";

    @BeforeEach
    void fill(Fcvm fcvm, Archives archives) {
        plain = pull(fcvm, "oci-archive:" + archives.ociArchive(TestImages.plain()));
        opinionated = pull(fcvm, "oci-archive:" + archives.ociArchive(TestImages.opinionated()));
    }

    @AfterEach
    void empty(Fcvm fcvm) {
        fcvm.run("rmi", "--all").expect(0);
        assertThat(Store.images(fcvm)).isEmpty();
        Store.isTidy(fcvm);
    }

    @Test
    void shouldShowPodmansFieldsAsJson(Fcvm fcvm, Archives archives, Place place) {
        Child.of("skopeo", "--insecure-policy", "copy", "-q")
                .with("oci-archive:" + archives.ociArchive(TestImages.opinionated()))
                .with("containers-storage:[vfs@" + place.directory("storage") + "+" + place.directory("run")
                        + "]localhost/opinionated:latest")
                .run()
                .expect(0);
        String shown = Child.of("podman", "--storage-driver", "vfs")
                .with("--root", place.directory("storage").toString())
                .with("--runroot", place.directory("run").toString(), "images", "--format", "json")
                .env("HOME", place.directory("home").toString())
                .run()
                .expect(0)
                .out();
        Map<?, ?> podmans = (Map<?, ?>) Json.list(shown).getFirst();

        Map<String, Object> ours = Store.images(fcvm, "opinionated").getFirst();

        assertThat(new TreeSet<Object>(ours.keySet())).containsAll(keys(podmans, "Id", "RepoDigests"));
        for (String field : List.of("Id", "Digest", "Names", "Labels", "Created", "CreatedAt", "Containers")) {
            assertThat(String.valueOf(ours.get(field))).as(field).isEqualTo(String.valueOf(podmans.get(field)));
        }
        assertThat(fcvm.run("images", "--format", "json").expect(0).out())
                .isEqualTo(fcvm.run("images", "--json").expect(0).out());
        assertThat(fcvm.run("image", "ls", "--json").expect(0).out())
                .isEqualTo(fcvm.run("images", "--json").expect(0).out());
        Complaint.alone(fcvm.run("images", "--format", "yaml"), "yaml");
    }

    private static List<Object> keys(Map<?, ?> podmans, String... needed) {
        assertThat(podmans.containsKey(needed[0])).isTrue();
        // Where Podman's versions differ in what they leave out of an image that has none of it.
        return podmans.keySet().stream()
                .filter(key -> !List.of("History", "ReadOnly", "IsManifestList").contains(String.valueOf(key)))
                .map(Object.class::cast)
                .toList();
    }

    @Test
    void shouldFilterByNameAndLabel(Fcvm fcvm) {
        assertThat(ids(fcvm, "--filter", "reference=*plain*")).containsExactly(plain);
        assertThat(ids(fcvm, "--filter", "reference=localhost/opinionated")).containsExactly(opinionated);
        assertThat(ids(fcvm, "plain:latest")).containsExactly(plain);
        assertThat(ids(fcvm, "--filter", "label=dev.fcvm.test=yes")).containsExactly(opinionated);
        assertThat(ids(fcvm, "--filter", "label=dev.fcvm.test=no")).isEmpty();
        assertThat(ids(fcvm, "--filter", "dangling=true")).isEmpty();
        assertThat(ids(fcvm, "--filter", "dangling=false")).containsExactlyInAnyOrder(plain, opinionated);
        Complaint.alone(fcvm.run("images", "--filter", "dangling=perhaps"), "perhaps");
        Complaint.alone(fcvm.run("images", "--filter", "color=red"), "color=red");
    }

    private static List<Object> ids(Fcvm fcvm, String... more) {
        return Store.images(fcvm, more).stream().map(image -> image.get("Id")).toList();
    }

    @Test
    void shouldShowTablesAndIdsForPeopleAndPipes(Fcvm fcvm) {
        assertThat(fcvm.run("images").expect(0).out().lines().findFirst().orElseThrow())
                .matches("REPOSITORY +TAG +IMAGE ID +CREATED +SIZE");
        assertThat(fcvm.run("images", "-n", "--digests", "plain").expect(0).out())
                .matches("localhost/plain +latest +sha256:[0-9a-f]{64} +" + plain.substring(0, 12) + " .*MB\n");
        assertThat(fcvm.run("images", "-q", "plain").expect(0).out()).isEqualTo(plain.substring(0, 12) + "\n");
        assertThat(fcvm.run("images", "-q", "--no-trunc", "plain").expect(0).out())
                .isEqualTo("sha256:" + plain + "\n");
    }

    @Test
    void shouldRemoveByNameByIdAndByTheBeginningOfAnId(Fcvm fcvm) {
        assertThat(fcvm.run("rmi", "plain").expect(0).out())
                .isEqualTo("Untagged: localhost/plain:latest\nDeleted: " + plain + "\n");
        assertThat(fcvm.run("rmi", opinionated.substring(0, 8)).expect(0).out())
                .endsWith("Deleted: " + opinionated + "\n");
        Complaint.withCode(1, fcvm.run("rmi", "plain"), "plain");
        fcvm.run("rmi", "--ignore", "plain").expect(0);
        fcvm.run("rmi", "--force", "plain").expect(0);
    }

    @Test
    void shouldPruneNothingThatHasANameUnlessAllIsSaid(Fcvm fcvm) {
        assertThat(fcvm.run("image", "prune", "-f").expect(0).out()).isEmpty();
        assertThat(fcvm.call("image", "prune", "--all")
                        .stdin("n\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .run()
                        .expect(0)
                        .out())
                .isEmpty();
        assertThat(Store.images(fcvm)).hasSize(2);
        assertThat(fcvm.call("image", "prune", "--all")
                        .stdin("y\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .run()
                        .expect(0)
                        .out()
                        .lines())
                .containsExactlyInAnyOrder(plain, opinionated);
    }

    @Test
    void shouldKeepAnImageOfAMachineThatHasEndedAndIsKept(Fcvm fcvm) {
        fcvm.run("run", "--name", "user", "plain", "/bin/sh", "-c", "exit 3").expect(3);
        Complaint.alone(fcvm.run("rmi", "plain"), plain.substring(0, 12), "fcvm ps -a");
        assertThat(fcvm.run("image", "prune", "-a", "-f").expect(0).out().strip())
                .isEqualTo(opinionated);
        assertThat(fcvm.run("rmi", "--all").err()).contains(plain.substring(0, 12));
        assertThat(Store.images(fcvm)).hasSize(1);

        fcvm.run("rm", "user").expect(0);
        fcvm.run("rmi", "plain").expect(0);
    }

    @Test
    void shouldKeepAnImageWhileAMachineRunsIt(Fcvm fcvm) {
        try (Child child =
                fcvm.call("run", "--rm", "plain", "/bin/signals", "TERM").start()) {
            child.awaitOut("ready\n");

            Complaint.alone(fcvm.run("rmi", "plain"), plain.substring(0, 12), "used by a machine");
            assertThat(Store.images(fcvm, "plain").getFirst().get("Containers")).isIn(1, 1L, 1.0);
            child.signal("TERM");
            child.outcome().expect(40);
        }
    }

    private static String pull(Fcvm fcvm, String reference) {
        return fcvm.run("pull", "-q", reference).expect(0).out().strip();
    }
}
