package dev.fcvm.volume.ext4;

import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.PrintableText;
import java.io.IOException;
import java.io.Serial;

/** Something of a source cannot be read. The message is its path and the reason. */
public final class SourceException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    SourceException(String path, IOException cause) {
        super(PrintableText.line(path) + ": " + IoReason.of(cause), cause);
    }

    SourceException(String path, String reason) {
        super(PrintableText.line(path) + ": " + reason);
    }
}
