package dev.fcvm.host.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acquired is released by whoever opens the journal, whatever became of who acquired it. */
final class JournalTest {

    @TempDir
    Path directory;

    private final List<String> released = new ArrayList<>();
    private final List<String> stubborn = new ArrayList<>();

    private record Thing(String name, List<String> released, List<String> stubborn) implements Resource {
        @Override
        public String kind() {
            return "thing";
        }

        @Override
        public Map<String, String> fields() {
            return Map.of("name", name);
        }

        @Override
        public void release() throws FcvmException, InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (stubborn.contains(name)) {
                throw new FcvmException(FcvmException.Kind.HOST, name + " stays");
            }
            released.add(name);
        }
    }

    @Test
    void shouldReleaseInReverseAndLeaveNoFile() throws Exception {
        Journal journal = open();
        journal.acquire(thing("one"));
        journal.acquire(thing("two \"quoted\"\nand ü"));
        journal.releaseAll();
        journal.releaseAll();
        assertThat(released).containsExactly("two \"quoted\"\nand ü", "one");
        assertThat(file()).doesNotExist();
    }

    @Test
    void shouldReleaseWhatAnotherProcessHasAcquired() throws Exception {
        Journal killed = open();
        killed.acquire(thing("one"));
        killed.acquire(thing("two"));
        killed.acquire(thing("three"));
        killed.release(thing("two"));
        released.clear();

        Journal next = open();
        assertThat(next.held()).containsExactly(thing("one"), thing("three"));
        next.acquire(thing("four"));
        open().releaseAll();
        assertThat(released).containsExactly("four", "three", "one");
        assertThat(open().isEmpty()).isTrue();
    }

    @Test
    void shouldHaveWrittenItDownBeforeItIsAcquired() throws Exception {
        open().acquire(thing("one"));
        assertThat(Files.readString(file()))
                .isEqualTo("{\"acquire\":1,\"kind\":\"thing\",\"fields\":{\"name\":\"one\"}}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void shouldTakeALineThatWasCutShortForSomethingThatWasNotAcquired() throws Exception {
        open().acquire(thing("one"));
        String whole = Files.readString(file());
        for (int cut = 1; cut < whole.length(); cut++) {
            Files.writeString(file(), whole + whole.substring(0, cut));
            Journal journal = open();
            assertThat(journal.held()).containsExactly(thing("one"));
            journal.acquire(thing("two"));
            assertThat(open().held()).containsExactly(thing("one"), thing("two"));
        }
    }

    @Test
    void shouldReleaseWhatItCanWhenSomethingStaysAndKeepThatWrittenDown() throws Exception {
        Journal journal = open();
        for (String name : List.of("one", "two", "three", "four")) {
            journal.acquire(thing(name));
        }
        stubborn.addAll(List.of("two", "four"));
        assertThatThrownBy(journal::releaseAll)
                .isInstanceOf(FcvmException.class)
                .hasMessage("four stays")
                .satisfies(first -> assertThat(Besides.of(first)).containsExactly("besides, two stays"));
        assertThat(released).containsExactly("three", "one");
        stubborn.clear();
        open().releaseAll();
        assertThat(released).containsExactly("three", "one", "four", "two");
    }

    @Test
    void shouldReleaseUnderAnInterruption() throws Exception {
        Journal journal = open();
        journal.acquire(thing("one"));
        Thread.currentThread().interrupt();
        journal.releaseAll();
        assertThat(Thread.interrupted()).as("it is still interrupted").isTrue();
        assertThat(released).containsExactly("one");
    }

    @Test
    void shouldReleaseAPartAndLeaveTheRest() throws Exception {
        Journal journal = open();
        journal.acquire(thing("one"));
        journal.acquire(thing("two"));
        journal.releaseAll(thing("one")::equals);
        assertThat(released).containsExactly("one");
        assertThat(open().held()).containsExactly(thing("two"));
    }

    @Test
    void shouldForgetNothingThatItCannotRead() throws Exception {
        Journal journal = open();
        journal.acquire(thing("one"));
        Files.writeString(file(), """
                {"acquire":2,"kind":"of a later version","fields":{}}
                {"acquire":3,"kind":"thing","fields":{}}
                \0\0\0
                """, StandardOpenOption.APPEND);
        assertThatThrownBy(() -> open().releaseAll())
                .isInstanceOf(FcvmException.class)
                .satisfies(first -> assertThat(
                                List.of(first.getMessage(), Besides.of(first).toString())
                                        .toString())
                        .contains("line 4", "\"of a later version\"", "it has no \"name\"", file().toString()));
        assertThat(released).containsExactly("one");
        assertThat(open().isEmpty()).isFalse();
    }

    @Test
    void shouldAcquireNothingThatCannotBeWrittenDown() {
        assertThatThrownBy(() -> Journal.open(directory.resolve("missing/journal"), List.of())
                        .acquire(thing("one")))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("missing/journal");
    }

    private Thing thing(String name) {
        return new Thing(name, released, stubborn);
    }

    private Path file() {
        return directory.resolve("journal");
    }

    private Journal open() throws FcvmException {
        return Journal.open(file(), List.of(new ResourceKind("thing", this::read)));
    }

    private Thing read(Fields fields) throws IOException {
        return thing(fields.text("name"));
    }
}
