package dev.fcvm.machine.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands on a side of {@code fcvm cp}. */
class CopyArgumentTest {

    @ParameterizedTest
    @CsvSource({
        "web:/etc/hosts, web, /etc/hosts",
        "web:etc, web, etc",
        "web:a:b, web, a:b",
        "./web:/etc, '', ./web:/etc",
        "/tmp/a:b, '', /tmp/a:b",
        ".:x, '', .:x",
        "plain, '', plain",
        "-, '', -"
    })
    void shouldKnowAMachineByItsColon(String text, String machine, String path) throws Exception {
        CopyArgument argument = CopyArgument.parse(text);

        assertThat(argument.machine().orElse("")).isEqualTo(machine);
        assertThat(argument.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"web:", ""})
    void shouldRefuseASideWithoutAPath(String text) {
        assertThatThrownBy(() -> CopyArgument.parse(text))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("you must specify paths");
    }

    @ParameterizedTest
    @CsvSource({
        "/etc/hosts, hosts, false, /etc/hosts",
        "/etc/, etc, false, /etc/",
        "/etc/., etc, true, /etc",
        "/a/../b, b, false, /a/../b",
        "/a/b/.., a, false, /a/b/..",
        "/, '', true, /",
        "/., '', true, /",
        "., '', true, .",
        "dir/./., dir, true, dir"
    })
    void shouldNameWhatIsCopiedByWhatItsUserWrote(String path, String name, boolean contents, String whole)
            throws Exception {
        CopyArgument argument = CopyArgument.parse("web:" + path);

        assertThat(argument.name()).isEqualTo(name);
        assertThat(argument.meansContents()).isEqualTo(contents);
        assertThat(argument.whole()).isEqualTo(whole);
    }

    @Test
    void shouldTakeADashForAStreamOnThisHostOnly() throws Exception {
        assertThat(CopyArgument.parse("-").isStream()).isTrue();
        assertThat(CopyArgument.parse("web:-").isStream()).isFalse();
    }
}
