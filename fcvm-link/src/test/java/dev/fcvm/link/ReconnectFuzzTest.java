package dev.fcvm.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Looks for an order of events in which a byte is lost, repeated or reordered. */
class ReconnectFuzzTest {

    private static final int[] WINDOWS = {16, 100, 1024, 70_000};

    /** The script: the window, then steps, breaks at any byte among them. */
    @FuzzTest
    void shouldDeliverWhatWasSentHoweverTheChannelBreaks(byte[] bytes) throws Exception {
        var script = new Script(bytes);
        new PlayedLink(WINDOWS[script.small() % WINDOWS.length]).play(script, false);
    }

    /** As above, with frames repeated, dropped, reordered, cut and changed on their way. */
    @FuzzTest
    void shouldDeliverNothingButWhatWasSentWhenThePeerLies(byte[] bytes) throws Exception {
        var script = new Script(bytes);
        try {
            new PlayedLink(WINDOWS[script.small() % WINDOWS.length]).play(script, true);
        } catch (LinkException named) {
            assertThat(named.getMessage()).isNotBlank();
        }
    }
}
