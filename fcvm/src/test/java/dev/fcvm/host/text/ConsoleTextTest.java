package dev.fcvm.host.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConsoleTextTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain text|plain text",
                "a\\033[31mred\\033[0;1mb|aredb",
                "a\\033]0;title\\007b|ab",
                "a\\033]0;title\\033\\\\b|ab",
                "a\\033(Bb|ab",
                "a\\033cb|ab",
                "a\\rb|ab",
                "a\\007b|a\ufffdb",
                "a\\177b|a\ufffdb",
                "a\u009bb|a\ufffdb",
                "a\u202eb|a\ufffdb",
                "a\udb40\udc41b|a\ufffdb",
                "ä€😀|ä€😀",
                "a\\033[31|a",
                "a\\033]0;never ends\\nb|a\\nb",
            })
    void shouldTakeOutWhatATerminalWouldObey(String raw, String clean) {
        assertThat(ConsoleText.clean(raw.translateEscapes().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(clean.translateEscapes());
    }

    @Test
    void shouldReplaceWhatIsNoUtf8() {
        assertThat(ConsoleText.clean(new byte[] {'a', (byte) 0xff, 'b', (byte) 0xc3, 'c'}))
                .isEqualTo("a\ufffdb\ufffdc");
    }

    @Test
    void shouldSayTheSameInWhateverPiecesItComes() {
        byte[] raw = "ä\u001b[31m€\u001b]0;x\u0007😀\r\nb\u009b".getBytes(StandardCharsets.UTF_8);
        String whole = ConsoleText.clean(raw);
        for (int first = 0; first <= raw.length; first++) {
            for (int second = first; second <= raw.length; second++) {
                ConsoleText text = new ConsoleText();
                String pieces = text.next(ByteBuffer.wrap(raw, 0, first))
                        + text.next(ByteBuffer.wrap(raw, first, second - first))
                        + text.next(ByteBuffer.wrap(raw, second, raw.length - second));
                assertThat(pieces).isEqualTo(whole);
            }
        }
    }

    @Test
    void shouldLetNoControlCharacterThroughWhateverTheGuestSends() {
        Random random = new Random(42);
        ConsoleText text = new ConsoleText();
        for (int round = 0; round < 2000; round++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            assertThat(text.next(ByteBuffer.wrap(noise)).chars())
                    .allMatch(
                            character -> character == '\n' || character == '\t' || !Character.isISOControl(character));
        }
    }
}
