package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ImageStoreTest {

    private static final ImageUsage NOBODY = image -> false;
    private static final RegistryOptions DEFAULTS = RegistryOptions.defaults();

    @TempDir
    Path directory;

    private Catalogue catalogue;
    private ImageStore store;

    @BeforeEach
    void open() {
        catalogue = new Catalogue(directory);
        store = ImageStore.open(
                directory, Map.of("HOME", directory.resolve("home").toString()), TestStore.BOUNDS);
    }

    private void name(String name, ImageRecord image) throws Exception {
        catalogue.name(QualifiedName.parse(name), image.id());
    }

    private static ImageReference reference(String text) throws FcvmException {
        return ImageReference.parse(text, Path::of);
    }

    private List<String> remove(String text) throws Exception {
        return store.remove(reference(text), false, false, NOBODY);
    }

    @Test
    void shouldListTheNewestFirstWithTheirNames() throws Exception {
        ImageRecord old = TestStore.put(catalogue, 1);
        ImageRecord young = TestStore.put(catalogue, 2);
        name("quay.io/a:1", old);
        name("quay.io/a@" + old.digest(), old);

        List<ImageSummary> list = store.list();

        assertThat(list).extracting(ImageSummary::image).containsExactly(young, old);
        assertThat(list.get(0).isDangling()).isTrue();
        assertThat(list.get(1).isDangling()).isFalse();
        assertThat(list.get(1).tags()).hasToString("[quay.io/a:1]");
        assertThat(list.get(1).digests()).hasSize(1);
    }

    @Test
    void shouldResolveWhatIsThereWithoutAnyTool() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("docker.io/library/alpine:3", image);

        for (String text : List.of("docker.io/library/alpine:3", "alpine:3", image.id(), "sha256:" + image.id())) {
            for (PullPolicy policy : List.of(PullPolicy.MISSING, PullPolicy.NEVER)) {
                assertThat(store.resolve(reference(text), policy, DEFAULTS, Progress.silent())
                                .imageId())
                        .as(text)
                        .isEqualTo(image.id());
            }
        }
        assertThat(directory.resolve("partial")).doesNotExist();
    }

    @Test
    void shouldNotFetchWhatMayNotBeFetched() throws Exception {
        for (String text : List.of("quay.io/a:1", "alpine", "0".repeat(64))) {
            assertThatThrownBy(() -> store.resolve(reference(text), PullPolicy.NEVER, DEFAULTS, Progress.silent()))
                    .isInstanceOfSatisfying(
                            FcvmException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                    .hasMessageContaining(text);
        }
        assertThatThrownBy(
                        () -> store.resolve(reference("localhost/a:1"), PullPolicy.ALWAYS, DEFAULTS, Progress.silent()))
                .hasMessageContaining("containers-storage:localhost/a:1");
    }

    @Test
    void shouldNotTakeAnImageForAnotherPlatformThanTheWantedOne() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("quay.io/a:1", image);
        RegistryOptions other = new RegistryOptions(
                java.util.Optional.empty(),
                java.util.Optional.empty(),
                java.util.Optional.of(new Platform("riscv64", "")));

        assertThatThrownBy(() -> store.resolve(reference("quay.io/a:1"), PullPolicy.NEVER, other, Progress.silent()))
                .hasMessageContaining("linux/riscv64");
    }

    /** Images that name a platform which is not theirs, or none, run all the same. */
    @Test
    void shouldTakeAnImageForAnotherPlatformThanTheHostsWhenNoneIsAskedForAndSaySo() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1, "riscv64");
        name("quay.io/a:1", image);
        List<String> notes = new ArrayList<>();

        StoreDisk disk = store.resolve(reference("quay.io/a:1"), PullPolicy.NEVER, DEFAULTS, noting(notes));

        assertThat(disk.imageId()).isEqualTo(image.id());
        assertThat(notes)
                .containsExactly("image platform (linux/riscv64) does not match the expected platform (%s)"
                        .formatted(Platform.host()));
    }

    private static Progress noting(List<String> notes) {
        return new Progress() {
            @Override
            public void step(String what) {}

            @Override
            public void bytes(long done, long total) {}

            @Override
            public void note(String what) {
                notes.add(what);
            }

            @Override
            public void finished() {}
        };
    }

    @Test
    void shouldTakeAwayOneNameAfterTheOtherAndThenTheImage() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("quay.io/a:1", image);
        name("quay.io/a:2", image);

        assertThat(remove("quay.io/a:2")).containsExactly("Untagged: quay.io/a:2");
        assertThat(catalogue.byId(image.id())).isPresent();
        assertThat(remove("quay.io/a:1")).containsExactly("Untagged: quay.io/a:1", "Deleted: " + image.id());

        assertThat(catalogue.directory(image.id())).doesNotExist();
        assertThat(directory.resolve("names")).doesNotExist();
        assertThat(directory.resolve("partial")).doesNotExist();
    }

    @Test
    void shouldRemoveAnImageWithSeveralNamesByItsIdOnlyWhenAllMayGo() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("quay.io/a:1", image);
        name("quay.io/a:2", image);

        assertThatThrownBy(() -> remove(image.id().substring(0, 12)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("quay.io/a:1, quay.io/a:2");
        assertThat(store.remove(reference(image.id()), true, false, NOBODY)).hasSize(3);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void shouldKeepAnImageThatAMachineUses() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("quay.io/a:1", image);

        assertThatThrownBy(() -> store.remove(reference("quay.io/a:1"), true, false, any -> true))
                .isInstanceOfSatisfying(
                        FcvmException.class, e -> assertThat(e.kind()).isEqualTo(Kind.IN_USE))
                .hasMessageContaining(image.id().substring(0, 12));
        assertThat(store.prune(true, any -> true)).isEmpty();
        assertThat(store.list()).hasSize(1);

        assertThat(store.remove(reference("quay.io/a:1"), false, true, any -> true))
                .hasSize(2);
    }

    @Test
    void shouldKeepAnImageThatIsLeasedAndLetItGoAfterwards() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        StoreDisk disk = store.resolve(reference(image.id()), PullPolicy.NEVER, DEFAULTS, Progress.silent());

        try (Lease first = store.lease(disk);
                Lease second = store.lease(disk)) {
            assertThat(first).isNotSameAs(second);
            assertThat(store.list().getFirst().leases()).isEqualTo(2);
            assertThatThrownBy(() -> remove(image.id())).hasMessageContaining("used by a machine");
            assertThat(store.prune(true, NOBODY)).isEmpty();
        }

        assertThat(store.list().getFirst().leases()).isZero();
        assertThat(store.prune(false, NOBODY)).containsExactly(image.id());
        assertThatThrownBy(() -> store.lease(disk)).hasMessageContaining("just been removed");
    }

    @Test
    void shouldHoldALeaseOfAnotherProcessUntilItIsKilled() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);

        Process other = StoreChild.start("lease", directory, image.id());
        try {
            assertThat(store.list().getFirst().leases()).isEqualTo(1);
            assertThatThrownBy(() -> remove(image.id())).hasMessageContaining("used by a machine");
        } finally {
            other.destroyForcibly().waitFor();
        }

        assertThat(store.list().getFirst().leases()).isZero();
        assertThat(directory.resolve(image.id() + "/leases")).isEmptyDirectory();
        remove(image.id());
    }

    @Test
    void shouldSweepTheLeasesOfKilledRunsWithTheNextOneOfAnyImage() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        ImageRecord other = TestStore.put(catalogue, 2);
        StoreChild.start("lease", directory, image.id()).destroyForcibly().waitFor();
        assertThat(directory.resolve(image.id() + "/leases")).isNotEmptyDirectory();

        StoreDisk disk = store.resolve(reference(other.id()), PullPolicy.NEVER, DEFAULTS, Progress.silent());
        try (Lease _ = store.lease(disk)) {
            assertThat(directory.resolve(image.id() + "/leases")).isEmptyDirectory();
            assertThat(directory.resolve(other.id() + "/leases")).isNotEmptyDirectory();
        }
    }

    @Test
    void shouldPruneWhatHasNoNameButNotWhatWasAskedForByItsDigest() throws Exception {
        ImageRecord moved = TestStore.put(catalogue, 1);
        ImageRecord pinned = TestStore.put(catalogue, 2);
        ImageRecord tagged = TestStore.put(catalogue, 3);
        name("quay.io/a@" + moved.digest(), moved);
        name("quay.io/a@" + pinned.digest(), pinned);
        catalogue.pin(QualifiedName.parse("quay.io/a@" + pinned.digest()), pinned.id());
        name("quay.io/a:1", tagged);

        assertThat(store.prune(false, NOBODY)).containsExactly(moved.id());
        assertThat(ImageView.of(store.list().get(1)).names()).containsExactly("quay.io/a@" + pinned.digest());
        assertThat(store.prune(true, NOBODY)).containsExactlyInAnyOrder(pinned.id(), tagged.id());
        assertThat(directory.resolve("names")).doesNotExist();
    }

    @Test
    void shouldAskForTheUsersOnlyWhenNoNewOneCanCome() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        ImageStore other = ImageStore.open(directory, Map.of(), TestStore.BOUNDS);
        StoreDisk disk = new StoreDisk(catalogue.disk(image.id()), image.digest(), image.id(), image.config());
        Thread[] running = new Thread[1];
        Lease[] lease = new Lease[1];

        store.remove(reference(image.id()), false, false, any -> {
            // A run that begins now has to wait for the store's lock, and then finds no image any more.
            running[0] = Thread.ofPlatform().start(() -> {
                try {
                    lease[0] = other.lease(disk);
                } catch (Exception e) {
                    return; // as it should be
                }
            });
            running[0].join(200);
            assertThat(lease[0]).isNull();
            return false;
        });

        running[0].join();
        assertThat(lease[0]).isNull();
    }

    @Test
    void shouldSayThatThereIsNoSuchImage() {
        for (String text : List.of("quay.io/a:1", "alpine", "abc", "0".repeat(64), "containers-storage:a")) {
            assertThatThrownBy(() -> remove(text))
                    .isInstanceOf(FcvmException.class)
                    .hasMessageContaining(text)
                    .hasMessageContaining("fcvm images");
        }
    }

    @Test
    void shouldSweepWhatAKilledRunLeftHalfMade() throws Exception {
        Path partial = directory.resolve("partial");
        Process killed = StoreChild.start("work", directory);
        assertThat(partial).isNotEmptyDirectory();
        store.prune(false, NOBODY);
        assertThat(partial).as("its owner lives").isNotEmptyDirectory();

        killed.destroyForcibly().waitFor();
        Files.createDirectories(partial.resolve("removed-0123456789ab"));
        Files.writeString(partial.resolve("removed-0123456789ab/disk.ext4"), "x");
        store.prune(false, NOBODY);

        assertThat(partial).doesNotExist();
    }

    @Test
    void shouldEndTheProcessesOfAKilledRun() throws Exception {
        Process killed = StoreChild.start("work", directory);
        Path work;
        try (var entries = Files.list(directory.resolve("partial"))) {
            work = entries.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        ProcessBuilder builder = new ProcessBuilder("sleep", "1000");
        builder.environment().put("FCVM_IMAGE_WORK", work.toString());
        Process orphan = builder.start();
        killed.destroyForcibly().waitFor();

        store.prune(false, NOBODY);

        assertThat(orphan.waitFor()).isEqualTo(137);
        assertThat(directory.resolve("partial")).doesNotExist();
    }

    @Test
    void shouldNotBringNamesBackToLifeWithAnImageWhoseRemovalWasKilled() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        name("quay.io/old:1", image);
        // A removal that is killed after its first step.
        catalogue.forgetAll(image.id());

        assertThat(store.list()).singleElement().matches(ImageSummary::isDangling);
        TestStore.put(catalogue, 1);
        assertThat(catalogue.byName(QualifiedName.parse("quay.io/old:1"))).isEmpty();
    }
}
