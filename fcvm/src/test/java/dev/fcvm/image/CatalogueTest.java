package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {

    @TempDir
    Path store;

    private Catalogue catalogue;

    @BeforeEach
    void open() {
        catalogue = new Catalogue(store);
    }

    @Test
    void shouldFindAnImageByEachOfItsNames() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        for (String name : List.of(
                "docker.io/library/alpine:3",
                "quay.io/a/b/c/d/e/f:latest",
                "quay.io/a:latest",
                "[::1]:5000/a:1",
                "quay.io/a@" + RawManifestTest.digest(4))) {
            catalogue.name(QualifiedName.parse(name), image.id());

            assertThat(catalogue.byName(QualifiedName.parse(name))).as(name).hasValue(image);
        }
        assertThat(catalogue.names()).hasSize(5).allMatch(named -> named.id().equals(image.id()));
        assertThat(catalogue.byName(QualifiedName.parse("quay.io/other:1"))).isEmpty();
    }

    @Test
    void shouldMoveANameToAnotherImage() throws Exception {
        QualifiedName name = QualifiedName.parse("quay.io/a:1");
        ImageRecord first = TestStore.put(catalogue, 1);
        ImageRecord second = TestStore.put(catalogue, 2);

        catalogue.name(name, first.id());
        catalogue.name(name, second.id());
        catalogue.name(name, second.id());

        assertThat(catalogue.byName(name)).hasValue(second);
        assertThat(catalogue.names()).hasSize(1);
    }

    @Test
    void shouldFindAnImageByTheBeginningOfItsIdUnlessThereAreSeveral() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        ImageRecord other = TestStore.put(catalogue, 2);

        assertThat(catalogue.byIdPrefix(image.id().substring(0, 63) + "1")).hasValue(image);
        assertThat(catalogue.byId(other.id())).hasValue(other);
        assertThat(catalogue.byIdPrefix("fff")).isEmpty();
        assertThatThrownBy(() -> catalogue.byIdPrefix("000")).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldLeaveNoTraceOfAForgottenName() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        QualifiedName deep = QualifiedName.parse("quay.io/a/b/c/d/e/f/g:1");
        QualifiedName kept = QualifiedName.parse("quay.io/a:1");
        catalogue.name(deep, image.id());
        catalogue.name(kept, image.id());

        catalogue.forget(deep);
        assertThat(catalogue.byName(kept)).hasValue(image);
        assertThat(store.resolve("names/quay.io/a")).isDirectoryNotContaining("glob:**/b");

        catalogue.forget(kept);
        assertThat(store.resolve("names")).doesNotExist();
    }

    @Test
    void shouldForgetAllOfAnImageAndWhatWasHalfMadeButNothingElse() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        ImageRecord other = TestStore.put(catalogue, 2);
        QualifiedName digest = QualifiedName.parse("quay.io/a@" + RawManifestTest.digest(9));
        catalogue.name(QualifiedName.parse("quay.io/a:1"), image.id());
        catalogue.name(digest, image.id());
        catalogue.pin(digest, image.id());
        catalogue.remember("0".repeat(64), image.id());
        catalogue.name(QualifiedName.parse("quay.io/a:2"), other.id());
        // As a process leaves it that is killed between making a link and renaming it.
        Files.createSymbolicLink(store.resolve("names/quay.io/a/.0123456789ab"), Path.of("../../../" + other.id()));

        assertThat(catalogue.names()).as("half made is not made").hasSize(4);
        catalogue.forgetAll(image.id());

        assertThat(catalogue.names())
                .singleElement()
                .satisfies(named -> assertThat(named.name()).hasToString("quay.io/a:2"));
        assertThat(store.resolve("sources")).doesNotExist();
        try (var left = Files.list(store.resolve("names/quay.io/a"))) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void shouldTakeANameForNoneWhenItsImageOrItsDiskIsGone() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        QualifiedName name = QualifiedName.parse("quay.io/a:1");
        catalogue.name(name, image.id());

        Files.delete(catalogue.disk(image.id()));

        assertThat(catalogue.byName(name)).isEmpty();
        assertThat(catalogue.byId(image.id())).isEmpty();
        assertThat(catalogue.names()).isEmpty();
        assertThat(catalogue.all()).isEmpty();
    }

    @Test
    void shouldSayWhichDocumentIsDamaged() throws Exception {
        ImageRecord image = TestStore.put(catalogue, 1);
        Files.writeString(catalogue.directory(image.id()).resolve(Catalogue.DOCUMENT), "{\"version\":");

        assertThatThrownBy(() -> catalogue.all())
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining(image.id())
                .hasMessageContaining("damaged");
    }

    @Test
    void shouldNotStumbleOverWhatSomebodyElsePutThere() throws Exception {
        TestStore.put(catalogue, 1);
        Files.createDirectories(store.resolve("names/quay.io"));
        Files.createSymbolicLink(store.resolve("names/link"), Path.of("/nowhere"));
        Files.createSymbolicLink(store.resolve("names/quay.io/link"), Path.of("../../" + "0".repeat(63) + "1"));
        Files.writeString(store.resolve("notes.txt"), "mine");

        assertThat(catalogue.names()).isEmpty();
        assertThat(catalogue.all()).hasSize(1);
    }

    @Test
    void shouldBeEmptyBeforeThereIsAStore() throws FcvmException, IOException {
        Catalogue none = new Catalogue(store.resolve("not/yet"));

        assertThat(none.all()).isEmpty();
        assertThat(none.names()).isEmpty();
        none.forgetAll("0".repeat(64));
        assertThat(store.resolve("not")).doesNotExist();
    }
}
