package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.image.TomlSubset.Entry;
import dev.fcvm.image.TomlSubset.MalformedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TomlSubsetTest {

    @Test
    void shouldReadStringsAndArraysInTheirTables() throws Exception {
        assertThat(TomlSubset.parse("""
                        # a comment
                        top = "a # b"   # another
                        list = [ 'x', "y",
                          # in between
                          "z", ]
                        [aliases]
                        "docker/image" = 'docker.io/docker/image'
                        bare-key_1="v"
                        [[registry]]
                        prefix = "*.example.com"
                        insecure = true
                        [[registry.mirror]]
                        location="m"
                        """))
                .containsExactly(
                        new Entry("", "top", List.of("a # b")),
                        new Entry("", "list", List.of("x", "y", "z")),
                        new Entry("aliases", "docker/image", List.of("docker.io/docker/image")),
                        new Entry("aliases", "bare-key_1", List.of("v")),
                        new Entry("registry", "prefix", List.of("*.example.com")),
                        new Entry("registry", "insecure", List.of()),
                        new Entry("registry.mirror", "location", List.of("m")));
    }

    @Test
    void shouldStepOverWhatItDoesNotNeed() throws Exception {
        assertThat(TomlSubset.parse("""
                        number = 1_000
                        date = 1979-05-27T07:32:00Z
                        inline = { a = "}", b = { c = 1 } }
                        nested = [ ["a"], [1, 2], { x = "y" } ]
                        wanted = "w"
                        """)).contains(new Entry("", "wanted", List.of("w")));
    }

    @Test
    void shouldReadEscapesAndStringsOfSeveralLines() throws Exception {
        assertThat(TomlSubset.parse("""
                        a = "tab\\t quote\\" \\u00e9 \\U0001F600"
                        b = 'raw\\t'
                        c = \"""
                        two
                        lines\"""
                        d = '''it's'''
                        e = ""
                        """))
                .extracting(Entry::values)
                .containsExactly(
                        List.of("tab\t quote\" é 😀"),
                        List.of("raw\\t"),
                        List.of("two\nlines"),
                        List.of("it's"),
                        List.of(""));
    }

    @Test
    void shouldReadLineEndsOfOtherSystemsAndAFileWithoutALastOne() throws Exception {
        assertThat(TomlSubset.parse("a = 'b'\r\n[t]\r\nc = 'd'"))
                .containsExactly(new Entry("", "a", List.of("b")), new Entry("t", "c", List.of("d")));
        assertThat(TomlSubset.parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a =",
                "= 'b'",
                "a = 'b",
                "a = \"b\n\"",
                "a = ['b'",
                "a = {",
                "a = 'b' c",
                "[t",
                "[[t]",
                "a = \"\\u12\"",
                "a = \"\\UFFFFFFFF\"",
                "a = '''b"
            })
    void shouldSayWhereAFileIsMalformed(String text) {
        assertThatThrownBy(() -> TomlSubset.parse(text))
                .isInstanceOf(MalformedException.class)
                .hasMessageMatching("line [12]: (?s).+");
    }

    @Test
    void shouldNotRunOutOfStack() {
        assertThatThrownBy(() -> TomlSubset.parse("a = " + "[".repeat(1_000_000)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> TomlSubset.parse("a = " + "{".repeat(1_000_000)))
                .isInstanceOf(MalformedException.class);
    }
}
