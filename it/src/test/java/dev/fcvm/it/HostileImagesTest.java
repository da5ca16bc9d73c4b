package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Image;
import dev.fcvm.it.harness.Layer;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that are made to harm who pulls them. */
@MachineTest
class HostileImagesTest {

    @AutoClose
    private final Fcvm fcvm = Fcvm.create();

    @AutoClose
    private final Place place = Place.make();

    @Test
    void shouldKeepEveryNameOfALayerInsideIt() {
        Path outside = place.root().resolve("outside");
        String way = outside.toString().substring(1);
        Layer names = new Layer()
                .file("../../../../../../../../" + way + "-dots", 0644, "x")
                .file(outside + "-absolute", 0644, "x");
        Layer links = new Layer().symlink("way", place.root().toString()).file("way/outside-link", 0644, "x");
        for (Layer layer : List.of(names, links)) {
            pull(new Image("names", Map.of(), List.of(layer)));
        }

        assertThat(place.root()).isDirectoryNotContaining("glob:**outside*");
    }

    @ParameterizedTest
    @CsvSource({"/etc/shadow", "../../../../../../../../etc/shadow"})
    void shouldGiveALayerNoNameForAFileOfTheHost(String target) {
        Outcome outcome = pull(new Image("hard", Map.of(), List.of(new Layer().hardLink("mine", target))));

        Complaint.in(outcome, "cannot get ", "damaged");
        Store.isTidy(fcvm);
    }

    @Test
    void shouldKeepDeviceNodesOfALayerForRoot() {
        assumeTrue(OrdinaryUser.possible(), "others' device nodes are left out");
        pull(withDevice()).expect(0);

        assertThat(debugfs("stat /overlay/%s/diff/d/null".formatted(layers().getFirst())))
                .contains("Type: character special", "01:03");
    }

    @Test
    void shouldLeaveDeviceNodesOutWithoutRootAndSayHowMany() throws IOException {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm theirs = Fcvm.of(user);
                Place place = Place.make()) {
            Path layout = withDevice().writeLayout(place.root().resolve("device"));
            Child.of("chmod", "-R", "a+rX", place.root().toString()).run().expect(0);

            Outcome outcome = theirs.run("pull", "oci:" + layout).expect(0);

            assertThat(outcome.err()).contains("device nodes", "left out").containsPattern("\\b1\\b");
            assertThat(theirs.run("pull", "--quiet", "oci:" + layout).expect(0).err())
                    .isEmpty();
        }
    }

    private static Image withDevice() {
        return new Image(
                "device", Map.of(), List.of(new Layer().directory("d", 0755).device("d/null")));
    }

    @ParameterizedTest
    @CsvSource({"gzip, tar+gzip", "zstd, tar+zstd"})
    void shouldGiveUpOnABomb(String packer, String media) throws IOException {
        Path tar = place.root().resolve("bomb");
        Child.of(
                        "sh",
                        "-c",
                        "truncate -s 1G zeros && tar -c zeros | \"$1\" -c >\"$2\"; rm zeros",
                        "sh",
                        packer,
                        tar.toString())
                .in(place.root())
                .run()
                .expect(0);
        Path layout = layout("bomb-" + packer, List.of(tar), media);

        Outcome outcome = fcvm.call("pull", "--quiet", "oci:" + layout)
                .env("FCVM_IMAGE_MAX_SIZE", "64m")
                .run();

        Complaint.in(outcome, "larger than 64 MiB", "FCVM_IMAGE_MAX_SIZE");
        Store.isTidy(fcvm);
    }

    /** A tar of a few kilobytes says of a terabyte that there is nothing in it. */
    @Test
    void shouldGiveUpOnAFileThatIsAllHoles() throws IOException {
        Path tar = place.root().resolve("holes");
        Child.of(
                        "sh",
                        "-c",
                        "truncate -s 1T holes.file && tar -c -S --format=posix -f \"$1\" holes.file; rm holes.file",
                        "sh",
                        tar.toString())
                .in(place.root())
                .run()
                .expect(0);
        Path layout = layout("holes-image", List.of(tar), "tar");

        Outcome outcome = fcvm.call("pull", "--quiet", "oci:" + layout)
                .env("FCVM_IMAGE_MAX_SIZE", "64m")
                .run();

        Complaint.in(outcome, "larger than 64 MiB", "FCVM_IMAGE_MAX_SIZE");
        Store.isTidy(fcvm);
    }

    @Test
    void shouldGiveUpOnAnImageOfTooManyFiles() {
        Layer crowd = new Layer();
        IntStream.range(0, 3000).forEach(number -> crowd.file("f" + number, 0644, ""));
        Path layout = new Image("crowd", Map.of(), List.of(crowd))
                .writeLayout(place.root().resolve("crowd"));

        Outcome outcome = fcvm.call("pull", "--quiet", "oci:" + layout)
                .env("FCVM_IMAGE_MAX_FILES", "2000")
                .run();

        Complaint.in(outcome, "more than 2000 files", "FCVM_IMAGE_MAX_FILES");
        Store.isTidy(fcvm);
    }

    @Test
    void shouldCountTheLayersBeforeTheyAreRead() {
        List<Layer> layers = IntStream.range(0, 5000)
                .mapToObj(number -> new Layer().file("f", 0644, Integer.toString(number)))
                .toList();
        Path layout =
                new Image("tower", Map.of(), layers).writeLayout(place.root().resolve("tower"));

        Outcome outcome = fcvm.run("pull", "--quiet", "oci:" + layout);

        Complaint.in(outcome, "it has 5000 layers", "build it with fewer");
        Store.isTidy(fcvm);
    }

    @Test
    void shouldStopBeforeTheHostsDiskIsFull(Archives archives) {
        Outcome outcome = fcvm.call("pull", "--quiet", "oci-archive:" + archives.ociArchive(TestImages.plain()))
                .env("FCVM_DISK_FLOOR", "8t")
                .run();

        Complaint.in(outcome, "too little space", "FCVM_DISK_FLOOR", "FCVM_DATA_DIR");
        Store.isTidy(fcvm);
    }

    @Test
    void shouldHideWhatADirectoryWithALineEndInItsNameReplaces() throws IOException {
        String name = "d/line\nend";
        Layer below = new Layer().directory("d", 0755).directory(name, 0755).file(name + "/old", 0644, "old");
        Layer above = new Layer().directory(name, 0755).opaque(name).file(name + "/new", 0644, "new");

        pull(new Image("opaque", Map.of(), List.of(below, above))).expect(0);

        assertThat(layers())
                .anyMatch(layer -> debugfs(
                                "ea_get -V \"/overlay/%s/diff/%s\" trusted.overlay.opaque".formatted(layer, name))
                        .contains("y"));
    }

    @Test
    void shouldShowNothingOfAnImageThatATerminalObeys() {
        // The terminal's commands of both ranges, and what turns text round or hides it.
        String hostile =
                "x\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.\u2066\u200b\u061c\u2028\u0085\ud83d\ude42\udb40\udc41\rz";
        Path layout = new Image(
                        "terminal",
                        Map.of(
                                "Cmd", List.of(hostile, "second\nline"),
                                "Env", List.of("NAME=" + hostile),
                                "Labels", Map.of("label", hostile, hostile, "value"),
                                "WorkingDir", "/" + hostile),
                        List.of(new Layer().file("f", 0644, "")))
                .writeLayout(place.root().resolve("terminal"));
        fcvm.run("create", "--name", "shown", "--label", "own=" + hostile, "oci:" + layout)
                .expect(0);

        for (List<String> command : List.of(
                List.of("ps", "-a", "--no-trunc"),
                List.of("ps", "-a", "--json"),
                List.of("ps", "-a", "--format", "json"),
                List.of("ps", "-a", "--format", "table {{.Names}}\t{{.Command}}\t{{.Labels}}"),
                List.of("inspect", "shown"),
                List.of("images", "--no-trunc"),
                List.of("images", "--json"),
                List.of("events", "--stream=false"),
                List.of("events", "--stream=false", "--format", "json"),
                List.of("rm", hostile),
                List.of("pull", hostile),
                List.of("run", "--rm", "--network", hostile, "oci:" + layout),
                List.of("run", "--rm", "--name", hostile, "oci:" + layout),
                List.of("run", "--rm", "--hostname", hostile, "oci:" + layout),
                List.of("volume", "inspect", hostile),
                List.of("network", "inspect", hostile),
                List.of("snapshot", "inspect", hostile))) {
            Outcome outcome = fcvm.run(command.toArray(String[]::new));

            assertThat((outcome.out() + outcome.err())
                            .codePoints()
                            .filter(character -> character != '\n')
                            .filter(character -> switch (Character.getType(character)) {
                                case Character.CONTROL,
                                        Character.FORMAT,
                                        Character.LINE_SEPARATOR,
                                        Character.PARAGRAPH_SEPARATOR -> true;
                                default -> false;
                            })
                            .mapToObj(Integer::toHexString))
                    .as(command + ": " + outcome)
                    .isEmpty();
        }
        fcvm.run("rm", "shown").expect(0);
    }

    private Outcome pull(Image image) {
        Path layout = image.writeLayout(place.directory("layouts").resolve(image.name() + System.nanoTime()));
        return fcvm.run("pull", "--quiet", "oci:" + layout);
    }

    /** Writes a layout whose layers are these files, without looking into them. */
    private Path layout(String name, List<Path> blobs, String media) throws IOException {
        Path layout =
                new Image(name, Map.of(), List.of()).writeLayout(place.root().resolve(name));
        Path sums = layout.resolve("blobs/sha256");
        StringBuilder layers = new StringBuilder();
        StringBuilder ids = new StringBuilder();
        for (Path blob : blobs) {
            String comma = layers.isEmpty() ? "" : ",";
            layers.append(comma).append(put(sums, Files.readAllBytes(blob), "layer.v1." + media));
            ids.append(comma).append("\"sha256:").append("0".repeat(64)).append('"');
        }
        String config = "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                .formatted(Image.architecture(), ids);
        String manifest = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
                .formatted(put(sums, config.getBytes(StandardCharsets.UTF_8), "config.v1+json"), layers);
        String entry = put(sums, manifest.getBytes(StandardCharsets.UTF_8), "manifest.v1+json");
        Files.writeString(layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
        return layout;
    }

    private static String put(Path sums, byte[] content, String media) throws IOException {
        Path file = Files.write(sums.resolve("fresh"), content);
        String digest =
                Child.of("sha256sum", file.toString()).run().expect(0).out().substring(0, 64);
        Files.move(file, sums.resolve(digest));
        return "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
                .formatted(media, digest, content.length);
    }

    private Path disk() {
        return fcvm.data()
                .resolve("store")
                .resolve(String.valueOf(Store.images(fcvm).getFirst().get("Id")).replace("sha256:", ""))
                .resolve("disk.ext4");
    }

    private List<String> layers() {
        return debugfs("ls -p /overlay")
                .lines()
                .map(line -> line.split("/"))
                .filter(fields -> fields.length > 5 && fields[5].matches("[0-9a-f]{64}"))
                .map(fields -> fields[5])
                .toList();
    }

    private String debugfs(String request) {
        return Child.of("/usr/sbin/debugfs", "-R", request, disk().toString())
                .run()
                .expect(0)
                .out();
    }
}
