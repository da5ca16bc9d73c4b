package dev.fcvm.link;

import java.time.Duration;

/**
 * How a link behaves.
 *
 * @param window bytes a stream may have in flight each way, and the most memory either end of it may cost; the host's
 *     choice holds for both sides
 * @param longestPause the longest wait before the next attempt, when one connection after another breaks at once
 */
public record LinkOptions(int window, Duration longestPause) {

    /** Checks the window: 16 bytes to 16 MiB. */
    public LinkOptions {
        if (window < Protocol.SMALLEST_WINDOW || window > Protocol.LARGEST_WINDOW) {
            throw new IllegalArgumentException("a window of " + window + " bytes is not between "
                    + Protocol.SMALLEST_WINDOW + " and " + Protocol.LARGEST_WINDOW);
        }
    }

    /** Returns what suits a machine on this host: windows of 512 KiB, pauses of a second at most. */
    public static LinkOptions defaults() {
        return new LinkOptions(512 * 1024, Duration.ofSeconds(1));
    }
}
