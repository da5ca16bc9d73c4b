package dev.fcvm.it.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.HostPodman;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.volume.MappingRows.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code -v} and {@code --mount} of {@code fcvm run} do against what real Podman on this host does with them. */
@MachineTest
class MappingParityTest {

    private static final String END = "=== end of row ";

    /** All that is in a directory afterwards: what a container wrote has come back. */
    private static final String LIST =
            "find . | LC_ALL=C sort | while read -r f; do stat -c '%n %F %a %u:%g' \"$f\"; done;"
                    + " cat single a/file a/sub/file";

    @Test
    void shouldMapWhatPodmanMaps(Fcvm fcvm, HostPodman podman, Archives archives) {
        List<String> differences = new ArrayList<>();
        int number = 0;
        try {
            for (List<Row> rows : MappingRows.mapped()) {
                Path theirs = prepared(fcvm, "theirs" + number);
                Path ours = prepared(fcvm, "ours" + number++);
                List<String> expected = sections(
                        podman.run(words(List.of("--rm"), rows, theirs, podman.load(TestImages.plain(), archives)))
                                .in(theirs)
                                .run(),
                        rows);
                List<String> actual = sections(
                        fcvm.call(words(
                                        List.of("run", "--quiet", "--rm"),
                                        rows,
                                        ours,
                                        "oci-archive:" + archives.ociArchive(TestImages.plain())))
                                .in(ours)
                                .run(),
                        rows);
                for (int i = 0; i < rows.size(); i++) {
                    if (!actual.get(i).equals(expected.get(i))) {
                        differences.add(
                                rows.get(i).options() + "\npodman: " + expected.get(i) + "\nfcvm: " + actual.get(i));
                    }
                }
                assertThat(listed(ours)).isEqualTo(listed(theirs));
            }
        } finally {
            MappingRows.volumes()
                    .forEach(volume ->
                            podman.call(List.of("volume", "rm", "-f", volume)).run());
            MappingRows.volumes().forEach(volume -> fcvm.run("volume", "rm", "-f", volume));
        }
        assertThat(differences).isEmpty();
    }

    @Test
    void shouldRefuseWhatPodmanRefuses(Fcvm fcvm, HostPodman podman, Archives archives) {
        List<String> differences = new ArrayList<>();
        Path directory = prepared(fcvm, "refused");
        for (List<String> options : MappingRows.refused()) {
            Row row = new Row(options, "true");
            Outcome theirs = podman.run(
                            words(List.of("--rm"), List.of(row), directory, podman.load(TestImages.plain(), archives)))
                    .in(directory)
                    .run();
            Outcome ours = fcvm.call(words(
                            List.of("run", "--quiet", "--rm"),
                            List.of(row),
                            directory,
                            "oci-archive:" + archives.ociArchive(TestImages.plain())))
                    .in(directory)
                    .run();
            if (theirs.exitCode() != ours.exitCode() || !ours.err().matches("Error: [^\n]+\n")) {
                differences.add(options + "\npodman: " + theirs + "\nfcvm: " + ours);
            }
        }
        assertThat(differences).isEmpty();
        long forms = MappingRows.mapped().stream().mapToLong(List::size).sum()
                + MappingRows.refused().size();
        assertThat(forms).isGreaterThanOrEqualTo(40);
    }

    private static Path prepared(Fcvm fcvm, String name) {
        Path directory = fcvm.place().directory(name);
        Child.of("sh", "-c", MappingRows.PREPARE).in(directory).run().expect(0);
        return directory;
    }

    private static String listed(Path directory) {
        return Child.of("sh", "-c", LIST).in(directory).run().expect(0).out();
    }

    private static List<String> words(List<String> first, List<Row> rows, Path directory, String image) {
        Stream<String> options = rows.stream()
                .flatMap(row -> row.options().stream())
                .map(option -> option.replace("{dir}", directory.toString()));
        var script = new StringBuilder();
        for (Row row : rows) {
            script.append("(")
                    .append(row.look())
                    .append(") 2>&1; echo '")
                    .append(END)
                    .append("'\n");
        }
        return Stream.of(first.stream(), options, Stream.of(image, "/bin/sh", "-c", script.toString()))
                .flatMap(stream -> stream)
                .toList();
    }

    private static List<String> sections(Outcome outcome, List<Row> rows) {
        List<String> sections = List.of(outcome.out().split(END + "\n", -1));
        assertThat(sections).as(outcome.toString()).hasSize(rows.size() + 1);
        return sections;
    }
}
