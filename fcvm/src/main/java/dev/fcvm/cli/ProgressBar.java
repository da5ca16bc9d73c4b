package dev.fcvm.cli;

import dev.fcvm.image.Progress;

/** A line on the terminal that says what is being done and how far it is. Erased at the end. */
final class ProgressBar implements Progress {

    private static final int WIDTH = 24;
    private static final String ERASE = "\r\033[K";

    private final Surroundings surroundings;
    private String step = "";
    private String shown = "";

    private ProgressBar(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Returns one for somebody who watches standard error, else a silent one. */
    static Progress on(Surroundings surroundings, boolean quiet) {
        return surroundings.errorIsTerminal() && !quiet ? new ProgressBar(surroundings) : Progress.silent();
    }

    @Override
    public synchronized void step(String what) {
        step = what.replaceAll("\\p{Cntrl}", "?");
        show(step);
    }

    @Override
    public synchronized void bytes(long done, long total) {
        if (total <= 0) {
            show(step + "  " + HumanText.size(done));
            return;
        }
        int filled = (int) (Math.min(done, total) * WIDTH / total);
        show("%s  [%s%s] %s / %s"
                .formatted(
                        step,
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        HumanText.size(Math.min(done, total)),
                        HumanText.size(total)));
    }

    @Override
    public synchronized void finished() {
        if (!shown.isEmpty()) {
            shown = "";
            surroundings.hint(ERASE);
        }
    }

    private void show(String line) {
        if (!line.equals(shown)) {
            shown = line;
            surroundings.hint(ERASE + line);
        }
    }
}
