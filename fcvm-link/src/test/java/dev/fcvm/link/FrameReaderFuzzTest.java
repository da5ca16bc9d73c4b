package dev.fcvm.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes, in pieces of any length, on the lowest floor of the link. */
class FrameReaderFuzzTest {

    private static final int TAG = 0x5555_1234;

    /** The first byte says in pieces of which size the rest arrives, and what is looked for. */
    @FuzzTest
    void shouldFindFramesOrNameTheFaultWhateverArrives(byte[] bytes) throws Exception {
        var script = new Script(bytes);
        int how = script.small();
        int piece = 1 + how % 64;
        var reader = new FrameReader(2 * Protocol.LONGEST_FRAME, "the guest");
        byte[] all = script.bytes(bytes.length);
        try {
            for (int at = 0; at < all.length; at += piece) {
                var channel = new PlayedSide.Input(Arrays.copyOfRange(all, at, Math.min(all.length, at + piece)));
                assertThat(reader.read(channel)).isPositive();
                look(reader, how >>> 6);
            }
        } catch (LinkException named) {
            assertThat(named.getMessage()).startsWith("the guest sent ");
        }
    }

    private static void look(FrameReader reader, int mode) throws LinkException {
        while (true) {
            int found = switch (mode) {
                case 0, 1 -> reader.next(TAG);
                case 2 -> reader.scanForWelcome(7);
                default -> reader.scanForHello(7);
            };
            if (found == FrameReader.NOTHING) {
                return;
            }
            if (found == FrameReader.FRAME) {
                assertThat(reader.length()).isBetween(0, Protocol.LONGEST_PAYLOAD);
                assertThat(reader.payload().remaining()).isEqualTo(reader.length());
                assertThat(reader.tag())
                        .isIn(mode < 2 ? new Object[] {TAG, Protocol.MAGIC} : new Object[] {Protocol.MAGIC});
            }
        }
    }
}
