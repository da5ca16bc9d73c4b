package dev.fcvm.volume.archive;

import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.PrintableText;
import java.io.IOException;
import java.io.Serial;

/** A failure with the file it is about. */
final class AtPath extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 200;

    AtPath(String path, IOException failure) {
        super(PrintableText.line(path, LONGEST) + ": " + IoReason.of(failure), failure);
    }
}
