package dev.fcvm.it.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.SilentRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How {@code scripts/fetch-firecracker.sh} comes by the genuine Firecracker: from a copy of its releases, a web server,
 * a program that is there. FCVM_TEST_FIRECRACKER names one, with its jailer beside it.
 */
class FetchFirecrackerTest {

    @AutoClose
    private final Place place = Place.make();

    private final ScriptTree tree = ScriptTree.bare(place);
    private final Path bin = tree.data().resolve("bin");
    private Path genuine = Path.of("/");
    private String version = "";

    @BeforeEach
    void findTheGenuineOne() {
        String named = Place.setting("FCVM_TEST_FIRECRACKER", "");
        assumeTrue(!named.isEmpty(), "FCVM_TEST_FIRECRACKER names no firecracker");
        genuine = Path.of(named);
        version = FirecrackerReleases.version(genuine);
    }

    @Test
    void shouldPlaceTheLatestReleaseOfADirectory() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);

        Outcome outcome = fetch(releases.directory().toString()).run().expect(0);

        assertThat(outcome.out()).contains("Firecracker " + version);
        assertPlaced();
    }

    @Test
    void shouldPlaceThePinnedReleaseWithoutAskingWhichIsTheLatest() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        Files.writeString(releases.directory().resolve("latest"), "v99.0.0\n");

        fetch("file://" + releases.directory())
                .env("FIRECRACKER_VERSION", version.substring(1))
                .run()
                .expect(0);

        assertPlaced();
    }

    @Test
    void shouldReadTheSettingsFile() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        Files.writeString(
                tree.home().resolve(".env"),
                "FIRECRACKER_BASE_URL=%s\nFIRECRACKER_VERSION=%s\n".formatted(releases.directory(), version));

        call().without("FIRECRACKER_VERSION").run().expect(0);

        assertPlaced();
    }

    @Test
    void shouldAskAServerOnceAndNeverAgain() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        try (var site = new FirecrackerReleases.Site(releases, version)) {
            fetch(site.address()).run().expect(0);
            assertPlaced();
            List<String> first = site.asked();

            Outcome second = fetch(site.address()).run().expect(0);

            assertThat(first).contains("/releases/latest").anyMatch(path -> path.endsWith("x86_64.tgz"));
            assertThat(site.asked()).isEqualTo(first);
            assertThat(second.out()).isEmpty();
        }
        fetch("http://127.0.0.1:1/gone").run().expect(3);
    }

    @Test
    void shouldFetchAnewWhenAFileWasChangedOrWhenTold() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        try (var site = new FirecrackerReleases.Site(releases, version)) {
            fetch(site.address()).run().expect(0);
            Files.writeString(bin.resolve("jailer"), "damaged", StandardOpenOption.APPEND);

            fetch(site.address()).run().expect(0);
            assertPlaced();
            int asked = site.asked().size();
            fetch(site.address(), "--refresh").run().expect(0);

            assertThat(site.asked()).hasSizeGreaterThan(asked);
            assertPlaced();
        }
    }

    @Test
    void shouldRefuseAWrongChecksumAndKeepWhatIsThere() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        Files.writeString(releases.checksum(version), "0".repeat(64) + "  x\n");

        Outcome outcome = fetch(releases.directory().toString()).run().expect(1);

        assertThat(outcome.err())
                .contains("Firecracker is not taken: the SHA-256 of ")
                .hasLineCount(1);
        assertThat(bin.resolve("firecracker")).doesNotExist();
        assertThat(bin.resolve("jailer")).doesNotExist();
        assertThat(tree.unfinished()).isEmpty();
    }

    @Test
    void shouldRefuseAProgramOfAnotherVersion() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        Path content = place.directory("content/release-v98.0.0-x86_64");
        for (String tool : List.of("firecracker", "jailer")) {
            Files.copy(genuine.resolveSibling(tool), content.resolve(tool + "-v98.0.0-x86_64"));
        }
        place.directory("releases/download/v98.0.0");
        Child.of(
                        "tar",
                        "-C",
                        content.getParent().toString(),
                        "-czf",
                        releases.archive("v98.0.0").toString(),
                        content.getFileName().toString())
                .run()
                .expect(0);
        Files.writeString(releases.checksum("v98.0.0"), ScriptTree.digest(releases.archive("v98.0.0")) + "\n");

        Outcome outcome = fetch(releases.directory().toString())
                .env("FIRECRACKER_VERSION", "v98.0.0")
                .run()
                .expect(1);

        assertThat(outcome.err()).contains("does not say that it is v98.0.0");
        assertThat(bin.resolve("firecracker")).doesNotExist();
    }

    @Test
    void shouldFinishWhatAKilledRunBegan() throws Exception {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        try (var site = new FirecrackerReleases.Site(releases, version)) {
            site.stall();
            try (Child killed = tree.callInSession("fetch-firecracker.sh")
                    .env("FIRECRACKER_BASE_URL", site.address())
                    .without("FIRECRACKER_VERSION")
                    .start()) {
                site.awaitHalf();
                ScriptTree.killSession(killed);
            }
        }
        assertThat(bin.resolve("firecracker")).doesNotExist();

        fetch(releases.directory().toString()).run().expect(0);

        assertPlaced();
    }

    @Test
    void shouldSayInOneLineWhatToSetWhenNobodyAnswers() {
        Outcome outcome = fetch("http://127.0.0.1:1/releases").run().expect(3);

        assertThat(outcome.err())
                .startsWith(
                        "Firecracker cannot be fetched, so machines run in QEMU: http://127.0.0.1:1/releases/latest: ")
                .contains("set FIRECRACKER_BIN", "FIRECRACKER_BASE_URL")
                .hasLineCount(1);
    }

    @Test
    void shouldNotWaitForAServerThatIsSilent() throws IOException {
        try (SilentRegistry silent = SilentRegistry.start()) {
            Outcome outcome = fetch("http://" + silent.address()).run().expect(3);

            assertThat(outcome.took()).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void shouldKeepTheOldReleaseWhenTheNewOneCannotBeHad() throws IOException {
        FirecrackerReleases releases = FirecrackerReleases.of(place, genuine);
        fetch(releases.directory().toString()).run().expect(0);

        Outcome outcome = fetch(releases.directory().toString())
                .env("FIRECRACKER_VERSION", "v97.0.0")
                .run()
                .expect(3);

        assertThat(outcome.err()).contains(version + " stays in use").contains("there is no ");
        assertPlaced();
    }

    @Test
    void shouldTakeTheProgramItIsGivenWithTheJailerBesideIt() throws IOException {
        call().env("FIRECRACKER_BIN", genuine.toString()).run().expect(0);
        assertPlaced();

        Outcome second = call().env("FIRECRACKER_BIN", genuine.toString()).run().expect(0);

        assertThat(second.out()).isEmpty();
    }

    @Test
    void shouldTakeTheProgramOnThePathBeforeTheNetworkIsAsked() {
        String path = genuine.getParent() + ":" + System.getenv("PATH");

        call().env("PATH", path).without("FIRECRACKER_VERSION").run().expect(0);

        assertPlaced();
    }

    @Test
    void shouldLeaveAProgramAloneThatTheUserPutThere() throws IOException {
        Files.createDirectories(bin);
        Path theirs = bin.resolve("firecracker");
        Files.writeString(theirs, "#!/bin/sh\n");
        assertThat(theirs.toFile().setExecutable(true)).isTrue();

        call().without("FIRECRACKER_VERSION").run().expect(0);

        assertThat(theirs).content().isEqualTo("#!/bin/sh\n");
    }

    @Test
    void shouldFetchNothingWhenToldSo() {
        Outcome outcome = call().env("FIRECRACKER_VERSION", "none").run().expect(0);

        assertThat(outcome.out() + outcome.err()).isEmpty();
        assertThat(bin.resolve("firecracker")).doesNotExist();
    }

    @Test
    void shouldRefuseSettingsThatMeanNothing() {
        assertThat(fetch("ftp://host/x").run().expect(1).err())
                .contains("FIRECRACKER_BASE_URL=ftp://host/x is neither");
        assertThat(fetch("/x")
                        .env("FIRECRACKER_VERSION", "../../x")
                        .run()
                        .expect(1)
                        .err())
                .contains("is no version");
        assertThat(call().env("FIRECRACKER_BIN", "/etc/passwd").run().expect(1).err())
                .contains("FIRECRACKER_BIN=/etc/passwd is no program");
    }

    private Child.Call call(String... arguments) {
        return tree.call("fetch-firecracker.sh", arguments);
    }

    private Child.Call fetch(String base, String... arguments) {
        return call(arguments).env("FIRECRACKER_BASE_URL", base).without("FIRECRACKER_VERSION");
    }

    private void assertPlaced() {
        assertThat(bin.resolve("firecracker")).isExecutable().hasSameBinaryContentAs(genuine);
        assertThat(bin.resolve("jailer")).isExecutable().hasSameBinaryContentAs(genuine.resolveSibling("jailer"));
        assertThat(bin.resolve("firecracker.version")).hasContent(version);
        assertThat(tree.unfinished()).isEmpty();
    }
}
