package dev.fcvm.machine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeysTest {

    @ParameterizedTest
    @CsvSource({
        "'ctrl-p,ctrl-q', 'ab\u0010\u0011cd', ab, true",
        "'ctrl-p,ctrl-q', 'a\u0010b\u0010', a\u0010b, false",
        "'ctrl-p,ctrl-q', '\u0010\u0010\u0011', '\u0010', true",
        "'a,a,b', 'aaab', a, true",
        "'ctrl-@', 'x\u0000', x, true",
        "'', '\u0010\u0011', '\u0010\u0011', false"
    })
    void shouldPassOnAllThatIsNotTheKeys(String keys, String typed, String passed, boolean left) throws Exception {
        DetachKeys.Filter filter = DetachKeys.parse(keys).new Filter();
        var out = new ByteArrayOutputStream();
        boolean leaves = false;
        byte[] bytes = typed.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length && !leaves; at++) {
            leaves = filter.take(new byte[] {bytes[at]}, 1, out);
        }
        assertThat(leaves).isEqualTo(left);
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(passed);
    }

    @Test
    void shouldBePodmansWhenNothingIsSaid() throws Exception {
        assertThat(DetachKeys.parse("ctrl-p,ctrl-q")).isEqualTo(DetachKeys.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctrl-", "ctrl-P", "ctrl-1", "ab", "ä", "a,,b", "alt-x"})
    void shouldRefuseWhatIsNoKey(String keys) {
        assertThatThrownBy(() -> DetachKeys.parse(keys))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--detach-keys is \"" + keys + "\"");
    }
}
