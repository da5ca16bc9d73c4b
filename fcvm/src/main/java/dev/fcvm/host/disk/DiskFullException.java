package dev.fcvm.host.disk;

import java.io.IOException;

/** There is more than a disk of this shape can hold. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    DiskFullException(String message) {
        super(message);
    }
}
