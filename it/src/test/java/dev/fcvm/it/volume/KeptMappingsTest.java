package dev.fcvm.it.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Mappings of a machine that is stopped and started, as many as there is room for, and those of an ordinary user. */
@MachineTest
class KeptMappingsTest {

    /** As many as a machine has room for. */
    private static final int MOST = 12;

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    @Test
    void shouldHaveAllItsMappingsAgainWhenAMachineIsStartedAgain(Fcvm fcvm, Archives archives) throws Exception {
        Path place = fcvm.place().directory("mapped");
        List<String> words = new ArrayList<>(List.of("run", "--quiet", "--name", "kept"));
        for (String name : List.of("back", "none", "live", "fixed")) {
            Files.writeString(Files.createDirectories(place.resolve(name)).resolve("log"), "made\n");
        }
        words.addAll(List.of("--map", place + "/back:/m/back", "--map", place + "/none:/m/none,sync=none"));
        words.addAll(List.of("--map", place + "/live:/m/live,mode=sshfs", "--map", place + "/fixed:/m/fixed:ro"));
        words.addAll(List.of("-v", "log:/m/volume:size=64m"));
        IntStream.range(5, MOST)
                .forEach(number ->
                        words.addAll(List.of("--map", place + "/more" + number + ":/m/more" + number + ",create")));
        List<String> script = List.of(
                image(archives),
                "sh",
                "-c",
                "for m in back none live volume more5 more11; do echo run >>/m/$m/log; done;"
                        + " echo run >>/m/fixed/log 2>/dev/null; cd /m; grep -c . */log; ls | wc -l");
        List<String> tooMany = Stream.of(
                        words.stream(), Stream.of("--map", place + "/back:/m/one-more"), script.stream())
                .flatMap(stream -> stream)
                .toList();
        Complaint.alone(fcvm.call(tooMany).run(), "13 mappings are more than a machine has room for: " + MOST);

        assertThat(fcvm.call(Stream.concat(words.stream(), script.stream()).toList())
                        .run()
                        .expect(0)
                        .out())
                .isEqualTo(
                        "back/log:2\nfixed/log:1\nlive/log:2\nmore11/log:1\nmore5/log:1\nnone/log:2\nvolume/log:1\n12\n");
        assertThat(place.resolve("back/log")).hasContent("made\nrun");
        Files.writeString(place.resolve("back/log"), "made\nrun\nhost\n");
        Files.writeString(place.resolve("fixed/log"), "made\nhost\n");

        assertThat(fcvm.run("start", "-a", "kept").expect(0).out())
                .isEqualTo(
                        "back/log:4\nfixed/log:2\nlive/log:3\nmore11/log:2\nmore5/log:2\nnone/log:3\nvolume/log:2\n12\n");

        assertThat(place.resolve("back/log")).hasContent("made\nrun\nhost\nrun");
        assertThat(place.resolve("live/log")).hasContent("made\nrun\nrun");
        assertThat(place.resolve("more11/log")).hasContent("run\nrun");
        assertThat(place.resolve("none/log")).hasContent("made");
        fcvm.run("volume", "sync", "kept").expect(0);
        assertThat(place.resolve("none/log")).hasContent("made\nrun\nrun");

        fcvm.run("rm", "kept").expect(0);
        fcvm.run("volume", "rm", "log").expect(0);
    }

    @Test
    void shouldMakeAnOrdinaryUserTheContainersRoot(Archives archives) throws Exception {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser ordinary = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(ordinary)) {
            Path copied = fcvm.home().resolve("copied");
            Path live = fcvm.home().resolve("live");
            Path secret = Files.writeString(fcvm.home().resolve("secret"), "hidden\n");
            Complaint.alone(fcvm.run("run", "--map", "/:/nfs,mode=nfs", image(archives), "true"), "mode=sshfs");
            Path locked = Files.createDirectory(fcvm.home().resolve("locked"));
            Path hidden = Files.writeString(locked.resolve("hidden"), "hidden");
            Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rw-------"));
            Complaint.alone(
                    fcvm.run("run", "--map", locked + ":/x", image(archives), "true"), "hidden", "permission denied");
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
            for (String mode : List.of("block", "sshfs")) {
                Complaint.alone(
                        fcvm.run("run", "--map", locked + ":/x,mode=" + mode, image(archives), "true"), locked + "");
            }

            assertThat(fcvm.run(
                                    "run",
                                    "--rm",
                                    "--quiet",
                                    "--map",
                                    copied + ":/copied,create",
                                    "--map",
                                    live + ":/live,mode=sshfs,create",
                                    "-v",
                                    "mine:/volume",
                                    "--secret",
                                    "id=own,src=" + secret,
                                    image(archives),
                                    "sh",
                                    "-c",
                                    "stat -c %u:%g /copied /live /volume; echo x >/copied/file; chown 1000:1000 /copied/file;"
                                            + " chmod 4755 /copied/file; chown 7 /volume && stat -c %u /volume; echo x >/live/file;"
                                            + " chown 5 /live/file || cat /run/secrets/own")
                            .expect(0)
                            .out())
                    .isEqualTo("0:0\n0:0\n0:0\n7\nhidden\n");

            assertThat(live.resolve("file")).hasContent("x");
            assertThat(Files.getAttribute(live.resolve("file"), "unix:uid")).isEqualTo((int) ordinary.uid());
            assertThat(copied.resolve("file")).hasContent("x");
            assertThat(Files.getAttribute(copied.resolve("file"), "unix:uid")).isEqualTo((int) ordinary.uid());
            assertThat((int) Files.getAttribute(copied.resolve("file"), "unix:mode") & 07777)
                    .isEqualTo(0755);
            fcvm.run("volume", "rm", "mine").expect(0);
            assertThat(fcvm.leaks()).isEmpty();
        }
    }
}
