package dev.fcvm.link.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Bytes for a message, from a peer that means no good. The command is in docs/link-protocol.md. */
class MessageFuzzTest {

    @FuzzTest
    void shouldDecodeAnythingTheGuestSaysOrSayWhatIsWrong(byte[] bytes) {
        decode(bytes, false);
    }

    @FuzzTest
    void shouldDecodeAnythingTheHostSaysOrSayWhatIsWrong(byte[] bytes) {
        decode(bytes, true);
    }

    private static void decode(byte[] bytes, boolean fromHost) {
        Message message;
        try {
            message = MessageCodec.decode(bytes, fromHost);
        } catch (MalformedMessageException malformed) {
            assertThat(malformed.getMessage()).isNotBlank().hasSizeLessThan(200).doesNotContain("\n");
            return;
        }
        // There is one encoding of each message: whatever is taken is exactly what would have been sent.
        byte[] again = MessageCodec.encode(message, fromHost);
        assertThat(java.util.Arrays.copyOfRange(again, Integer.BYTES, again.length))
                .isEqualTo(bytes);
    }
}
