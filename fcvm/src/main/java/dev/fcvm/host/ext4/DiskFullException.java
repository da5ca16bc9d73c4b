package dev.fcvm.host.ext4;

import java.io.IOException;

/** There is more than a disk of this shape can hold. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    /** With what is too much. */
    public DiskFullException(String message) {
        super(message);
    }
}
