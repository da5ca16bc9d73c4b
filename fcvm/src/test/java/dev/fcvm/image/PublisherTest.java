package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.Publisher.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {

    private static final Names NONE = Names.of(List.of());

    @TempDir
    Path store;

    private Catalogue catalogue;
    private Publisher publisher;

    @BeforeEach
    void open() {
        catalogue = new Catalogue(store);
        publisher = new Publisher(
                catalogue, new StoreLocks(store.resolve("locks")), new UnpackSpace(true, "root", Path.of("/etc")));
    }

    @Test
    void shouldPublishAnImageWithItsNames() throws Exception {
        ImageRecord image = TestStore.image(1);
        QualifiedName name = QualifiedName.parse("quay.io/a:1");

        publisher.publish(TestStore.fresh(store.resolve("partial/new")), image, Names.of(List.of(name)));

        assertThat(catalogue.byName(name)).hasValue(image);
        assertThat(store.resolve("partial/new")).doesNotExist();
    }

    @Test
    void shouldReplaceAnImageWhoseDiskSomebodyTookAway() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        Files.delete(catalogue.disk(image.id()));

        publisher.publish(TestStore.fresh(store.resolve("partial/new")), image, NONE);

        assertThat(catalogue.byId(image.id())).hasValue(image);
    }

    @Test
    void shouldNotNameAnImageThatHasBeenRemovedMeanwhile() {
        Names names = Names.of(List.of(new QualifiedName("quay.io", "a", Optional.of("1"), Optional.empty())));

        assertThatThrownBy(() -> publisher.name(names, "0".repeat(64)))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("just been removed");
        assertThat(store.resolve("names")).doesNotExist();
    }

    @Test
    void shouldRememberByWhichDigestAnImageWasAskedFor() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        QualifiedName tag = QualifiedName.parse("quay.io/a:1");
        QualifiedName digest = tag.withDigest(image.digest());

        publisher.name(new Names(List.of(tag, digest), Optional.of(tag)), image.id());
        assertThat(catalogue.names()).noneMatch(Catalogue.NamedImage::pinned);

        publisher.name(new Names(List.of(digest), Optional.of(digest)), image.id());
        assertThat(catalogue.names()).filteredOn(Catalogue.NamedImage::pinned).hasSize(1);
    }
}
