package dev.fcvm.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {

    private static final Path FILE = Path.of("/etc/x.env");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A=1             | 1",
                "  A=1           | 1",
                "A=\"two words\" | two words",
                "A='it''s'       | it''s",
                "A=$HOME/x       | $HOME/x",
                "A=a#b           | a#b",
                "A=x=y           | x=y",
                "A=\"unclosed    | \"unclosed"
            })
    void shouldReadValuesAsTheScriptsDo(String line, String value) {
        EnvFile file = EnvFile.parse(FILE, List.of(line), new Problems());

        assertThat(file.values().get("A")).isEqualTo(new EnvFile.Entry(value, 1));
    }

    @Test
    void shouldSkipCommentsAndEmptyLinesAndLetTheLastOneWin() {
        EnvFile file = EnvFile.parse(FILE, List.of("# A=0", "", "A=1", "A=2"), new Problems());

        assertThat(file.values()).containsOnlyKeys("A").containsEntry("A", new EnvFile.Entry("2", 4));
    }
}
