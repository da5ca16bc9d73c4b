package dev.fcvm.host.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawTextTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "na\u00efve", "\ud83d\ude00 and more", "\u20ac"})
    void shouldReadUtf8AsWhatItIs(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        assertThat(RawText.decode(ByteBuffer.wrap(bytes))).isEqualTo(text);
        assertThat(RawText.encode(text)).isEqualTo(bytes);
    }

    @Test
    void shouldKeepEveryByteThatIsNoUtf8() {
        byte[] bytes = {
            'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82, (byte) 0xed, (byte) 0xb2, (byte) 0x80
        };

        String text = RawText.decode(ByteBuffer.wrap(bytes));

        assertThat(text).startsWith("a\udcff\udcc3b\udce2\udc82");
        assertThat(RawText.encode(text)).isEqualTo(bytes);
    }

    @Test
    void shouldGiveBackWhateverBytesItWasGiven() {
        var random = new Random(11);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            assertThat(RawText.encode(RawText.decode(ByteBuffer.wrap(bytes)))).isEqualTo(bytes);
        }
    }

    @Test
    void shouldShowPodmansSignForEachByteThatIsNoUtf8() {
        assertThat(RawText.replaced("a\udce2\udc82b\ud83d\ude00")).isEqualTo("a\ufffd\ufffdb\ud83d\ude00");
    }

    @Test
    void shouldTellWhetherThereIsSuchAByte() {
        assertThat(RawText.isRaw("na\udcefve")).isTrue();
        assertThat(RawText.isRaw("na\u00efve \ud83d\ude00")).isFalse();
    }
}
