package dev.fcvm.volume.back;

import dev.fcvm.host.text.PrintableText;
import java.util.ArrayList;
import java.util.List;

/** What is told of what came back: only what is not as the container left it. */
public final class BackReport {

    private static final int MOST_LINES = 20;

    private final List<String> lines = new ArrayList<>();
    private long more;
    private long changes;

    /** Something is not as the container left it. */
    void tell(String path, String what) {
        if (lines.size() < MOST_LINES) {
            lines.add(PrintableText.line(path) + ": " + what);
        } else {
            more++;
        }
    }

    /** What both sides have changed is there twice. */
    void tellBoth(String path, String other) {
        tell(path, "was changed here and in the machine: what the machine has is " + other + " beside it");
    }

    /** Something came back, or went. */
    void changed() {
        changes++;
    }

    /** Returns how many files came back or went. */
    public long changes() {
        return changes;
    }

    /** Returns one line each, and one for those that are too many. */
    public List<String> lines() {
        List<String> all = new ArrayList<>(lines);
        if (more > 0) {
            all.add("and " + more + " more");
        }
        return all;
    }
}
