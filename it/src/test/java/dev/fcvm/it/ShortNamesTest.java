package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.LocalRegistry;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Short names, with one registries.conf for fcvm and for the host's own Podman: both fetch the same, or nothing. */
@MachineTest
class ShortNamesTest {

    @AfterEach
    void empty(Fcvm fcvm) {
        fcvm.run("rmi", "--all").expect(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an alias | known | [aliases]\\n'known' = 'FIRST/a/image'",
                "an alias with another tag | known:2 | [aliases]\\n'known' = 'FIRST/a/image'",
                "the only registry | a/image | unqualified-search-registries = ['FIRST']",
                "a registry with a path | image | unqualified-search-registries = ['FIRST/a']",
                "the second registry | a/other | unqualified-search-registries = ['FIRST', 'SECOND']",
                "an alias before the registries | a/image | unqualified-search-registries = ['FIRST']\\n[aliases]\\n'a/image' = 'SECOND/a/other'",
                "an alias also when nobody is to be asked | a/image | short-name-mode = 'disabled'\\nunqualified-search-registries = ['FIRST']\\n[aliases]\\n'a/image' = 'SECOND/a/other'",
                "nothing without a configuration | a/image | # nothing",
                "nothing when nobody can be asked | a/image | short-name-mode = 'enforcing'\\nunqualified-search-registries = ['FIRST', 'SECOND']",
                "the only one even then | a/image | short-name-mode = 'enforcing'\\nunqualified-search-registries = ['FIRST']",
                "nothing in any registry | a/nowhere | unqualified-search-registries = ['FIRST', 'SECOND']",
                "the old form | a/image | [registries.search]\\nregistries = ['FIRST']",
            })
    void shouldMeanWhatTheyMeanForPodman(
            String what, String name, String conf, Fcvm fcvm, Archives archives, Place place) {
        try (LocalRegistry first = LocalRegistry.open();
                LocalRegistry second = LocalRegistry.open()) {
            String plain = "oci-archive:" + archives.ociArchive(TestImages.plain());
            first.push(plain, "a/image:latest");
            first.push(plain, "a/image:2");
            second.push("oci-archive:" + archives.ociArchive(TestImages.opinionated()), "a/other:latest");
            Path file = place.file(
                    "registries.conf",
                    conf.replace("\\n", "\n").replace("FIRST", first.address()).replace("SECOND", second.address())
                            + "\n");
            List<String> expected = podman(place, file, name);

            Outcome outcome = fcvm.call("pull", "-q", "--tls-verify=false", name)
                    .env("CONTAINERS_REGISTRIES_CONF", file.toString())
                    .run();

            assertThat(Store.names(fcvm)).as(what).isEqualTo(expected);
            if (expected.isEmpty()) {
                Complaint.alone(outcome, name);
            } else {
                outcome.expect(0);
                fcvm.call("rmi", name)
                        .env("CONTAINERS_REGISTRIES_CONF", file.toString())
                        .run()
                        .expect(0);
            }
            assertThat(Store.names(fcvm)).isEmpty();
        }
    }

    /** Returns the names Podman has after it has pulled this. */
    private static List<String> podman(Place place, Path conf, String name) {
        Path root = place.directory("podman");
        try {
            podman(place, conf, "pull", "-q", "--tls-verify=false", name).run();
            return podman(place, conf, "images", "--format", "{{.Repository}}:{{.Tag}}")
                    .run()
                    .expect(0)
                    .out()
                    .lines()
                    .toList();
        } finally {
            Child.of("umount", "-q", root.resolve("overlay").toString()).run();
        }
    }

    private static Child.Call podman(Place place, Path conf, String... arguments) {
        return Child.of("podman", "--root", place.directory("podman").toString())
                .with("--runroot", place.directory("podman-run").toString(), "--storage-driver", "vfs")
                .with(arguments)
                .env("HOME", place.directory("home").toString())
                .env("CONTAINERS_REGISTRIES_CONF", conf.toString())
                .without("XDG_CONFIG_HOME")
                .without("XDG_RUNTIME_DIR");
    }
}
