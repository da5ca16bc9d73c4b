package dev.fcvm.volume.ext4;

import java.io.IOException;
import java.io.Serial;

/** There is more than a file system has room for. */
public final class TooLargeException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    TooLargeException() {
        super("it is more than a file system of 8 TiB has room for");
    }
}
