package dev.fcvm.cli;

import dev.fcvm.image.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Shows a fetch on a terminal, in one line that is drawn anew and wiped at the end. */
final class TerminalProgress implements Progress {

    private static final int CELLS = 24;
    private static final long MEBIBYTE = 1L << 20;
    private static final String WIPE = "\r\033[K";

    private final OutputStream terminal;
    private String what = "";

    TerminalProgress(OutputStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public synchronized void step(String step) {
        what = step;
        draw(WIPE + what);
    }

    @Override
    public synchronized void bytes(long done, long total) {
        if (total <= 0) {
            draw("%s%s  %d MiB".formatted(WIPE, what, done / MEBIBYTE));
            return;
        }
        int full = (int) Math.min(CELLS, done * CELLS / total);
        draw("%s%s  [%s%s] %d/%d MiB"
                .formatted(
                        WIPE,
                        what,
                        "=".repeat(full),
                        " ".repeat(CELLS - full),
                        done / MEBIBYTE,
                        (total + MEBIBYTE - 1) / MEBIBYTE));
    }

    @Override
    public synchronized void finished() {
        draw(WIPE);
    }

    private void draw(String text) {
        try {
            terminal.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyWatches) {
            // Progress is for whoever watches; the fetch goes on without.
            what = "";
        }
    }
}
