package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.command.CommandContext;
import dev.fcvm.host.text.PrintableText;
import dev.fcvm.image.Progress;

/**
 * A line on the terminal that says what is being done and how far it is. Erased at the end. What is no terminal gets the
 * notes only.
 */
final class ProgressBar implements Progress {

    private static final int WIDTH = 24;
    /** Every terminal is that wide. */
    private static final int COLUMNS = 79;

    private static final String ERASE = "\r\033[K";

    private final CommandContext context;
    private String step = "";
    private String shown = "";

    private ProgressBar(CommandContext context) {
        this.context = context;
    }

    /** Returns one for whoever reads standard error, or a silent one. */
    static Progress on(CommandContext context, boolean quiet) {
        return quiet ? Progress.silent() : new ProgressBar(context);
    }

    @Override
    public synchronized void note(String what) {
        finished();
        context.complain("fcvm: " + PrintableText.line(what));
    }

    @Override
    public synchronized void step(String what) {
        step = PrintableText.line(what);
        show(fitting(step, COLUMNS));
    }

    @Override
    public synchronized void bytes(long done, long total) {
        if (total <= 0) {
            show(withStep("  " + HumanText.size(done)));
            return;
        }
        int filled = (int) ((double) Math.min(done, total) / total * WIDTH);
        show(withStep("  [%s%s] %s / %s"
                .formatted(
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        HumanText.size(Math.min(done, total)),
                        HumanText.size(total))));
    }

    private String withStep(String tail) {
        return fitting(step, COLUMNS - tail.length()) + tail;
    }

    @Override
    public synchronized void finished() {
        if (!shown.isEmpty()) {
            shown = "";
            context.hint(ERASE);
        }
    }

    /** A line that is wrapped could not be erased: only its last row would be. */
    private static String fitting(String text, int room) {
        if (text.length() <= room) {
            return text;
        }
        int head = room / 2;
        return text.substring(0, head) + "…" + text.substring(text.length() - (room - head - 1));
    }

    private void show(String line) {
        if (context.errorIsTerminal() && !line.equals(shown)) {
            shown = line;
            context.hint(ERASE + line);
        }
    }
}
